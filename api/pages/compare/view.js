// Two batches: the verdict in a sentence, what makes the difference as a waterfall, the curves one
// over the other.

import { h, name } from "../dom/h.js";
import { figures, measure, percent, unit } from "../i18n/numbers.js";
import { span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { carrierName } from "../batch/breakdown.js";
import { charted } from "../machines/charts.js";
import { gaugeLabel } from "../machines/gauges.js";
import { refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { differences, ratio } from "./difference.js";

export function compareView(route, told) {
  const other = route.query.get("with") || "";
  const head = [
    h("p", { class: "back" }, h("a", { href: to("batches") }, `← ${say("nav.batches")}`)),
    h("div", { class: "section-head" }, h("h1", { class: "wrap", tabindex: "-1" }, name(route.id), " ", h("span", { class: "soft" }, say("compare.with")), " ", name(other))),
  ];
  if (!told || (!told.prints && !told.refused)) return [head, waiting()];
  if (told.refused) return [head, refusal(told.refused)];
  const [first, second] = told.prints;
  if (!first.accepted_kg || !second.accepted_kg) return [head, h("p", { class: "card empty" }, say("compare.nomass"))];
  const rows = differences(first, second);
  return [
    head,
    h("div", { class: "two twins" }, twin(first, ""), twin(second, "second")),
    verdict(first, second, rows),
    waterfall(rows, [first.batch, second.batch]),
    charts(told.charts),
  ];
}

function twin(print, kind) {
  const run = print.runs[0];
  return h("section", { class: `card twin ${kind}`, "data-testid": "twin" },
    h("h2", { class: "wrap" }, h("a", { href: to("batches", print.batch) }, name(print.batch))),
    h("p", {}, h("span", { class: "figure strong twin-figure" }, figures(print.total.kgco2e_per_kg, 4)), ` ${say("unit.perkg")}`),
    h("p", { class: "soft" }, `${figures(print.accepted_kg, 4)} kg · `, run ? [name(run.machine), ` · ${span(run.start, print.runs[print.runs.length - 1].end)}`] : null));
}

/** The carrier that makes most of the difference, in a sentence. */
function verdict(first, second, rows) {
  const by = measure(first.total.kgco2e_per_kg) - measure(second.total.kgco2e_per_kg);
  const most = rows.find((row) => Math.sign(row.by) === Math.sign(by) && ratio(row) !== null);
  return h("section", { id: "verdict", class: "card", "data-testid": "verdict" },
    h("h2", {}, say(by >= 0 ? "compare.more" : "compare.less", first.batch, figures(Math.abs(by), 3), percent(String(Math.abs(by) / measure(second.total.kgco2e_per_kg))))),
    most ? h("p", {}, say(ratio(most) >= 0 ? "compare.mostly" : "compare.mostlyless", word("carrier", most.carrier), word("process", most.process),
      percent(String(Math.abs(ratio(most)))), figures(most.amounts[0], 3), figures(most.amounts[1], 3), `${unit(most.unit)}/kg`)) : null);
}

function waterfall(rows, batches) {
  const top = Math.max(...rows.map((row) => Math.abs(row.by)), 1e-9);
  return h("section", { id: "differences", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("compare.what") },
    h("h2", {}, say("compare.what")),
    h("table", { class: "small differences" },
      h("thead", {}, h("tr", {}, ["column.process", "column.carrier", "compare.first", "compare.second", "compare.ratio", "compare.by"].map((key, i) =>
        h("th", { scope: "col", class: i > 1 && i < 5 ? "num" : null }, say(key))))),
      h("tbody", {}, rows.map((row) => h("tr", { key: `${row.process} ${row.carrier}`, "data-testid": "difference-row", "data-carrier": row.carrier },
        h("td", {}, name(word("process", row.process))), h("td", {}, carrierName(row.carrier)),
        batches.map((batch, side) => h("td", { class: "num figure" }, origin(row, batch, side), side ? ` ${unit(row.unit)}/kg` : null)),
        h("td", { class: "num figure" }, ratio(row) === null ? "–" : signed(ratio(row))),
        h("td", { class: "by" }, h("span", { class: "by-track", "aria-hidden": "true" },
          h("span", { class: `by-bar ${row.by > 0 ? "up" : "down"}`, style: { width: `${((Math.abs(row.by) / top) * 50).toFixed(1)}%` } })),
        h("span", { class: "figure" }, `${row.by > 0 ? "+" : row.by < 0 ? "−" : ""}${figures(Math.abs(row.by), 2, 4)}`)))))));
}

/** What one batch took of it, leading to the first of its lines. */
function origin({ amounts, lines }, batch, side) {
  const value = figures(amounts[side], 3);
  return lines[side].length ? h("a", { class: "origin", href: to("batches", batch, { line: lines[side][0] }), "data-testid": "difference-line" }, value) : value;
}

function signed(part) {
  return `${part >= 0 ? "+" : "−"}${percent(String(Math.abs(part)))}`;
}

function charts(found) {
  if (found.length === 0) return null;
  return [h("h2", {}, say("compare.curves")), h("p", { class: "soft" }, say("compare.dashed")),
    h("div", { class: "charts" }, found.map(({ run, gauge, shape, start }) =>
      h("section", { key: `${run.start} ${gauge.point}`, class: "card chart", "data-testid": "chart" },
        h("h3", {}, name(word("process", run.process)), " · ", gaugeLabel(gauge), h("span", { class: "soft" }, ` ${unit(gauge.unit)}`)),
        h("div", { class: "plot", role: "img", "aria-label": `${gaugeLabel(gauge)}, ${word("process", run.process)}`, life: charted({ shape, marks: null, elapsed: start }, gauge, null) }))))];
}
