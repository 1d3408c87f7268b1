// A batch opened: the total, what it is made of, and line by line where each number comes from.

import { h, name } from "../dom/h.js";
import { amount, figures, percent, unit } from "../i18n/numbers.js";
import { lasting, moment, span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { exportButtons } from "../shell/exporting.js";
import { refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { statusChip } from "../batches/table.js";
import { carriers, gases, processes, supplies } from "./breakdown.js";
import { environment } from "./environment.js";
import { explainPanel } from "./explain.js";
import { factorList } from "./factors.js";
import { lineTable } from "./lines.js";
import { meterName } from "./meter.js";
import { problemList } from "./problems.js";
import { besideForm, family, revisionList } from "./revisions.js";
import { timeline } from "./timeline.js";
import { wordsCard } from "./words.js";

const VIEWS = ["footprint", "inventory"];

export function viewAsked(route) {
  const asked = route.query.get("view");
  return VIEWS.includes(asked) ? asked : "footprint";
}

/** Which revision it is; before the next one is final, which one was the last. */
function revisionText(number, revisions) {
  if (number) return say("batch.revision", number);
  const last = Math.max(0, ...(revisions ?? []).map((one) => one.revision));
  return last ? say("batch.revised", last) : say("batch.unrevised");
}

export function batchView({ route, who }, opened, does) {
  const back = h("p", { class: "back" }, h("a", { href: to("batches") }, `← ${say("nav.batches")}`));
  const title = h("h1", { class: "wrap", tabindex: "-1" }, name(route.id));
  // The same frame around each state: the title that has the focus stays the same element.
  const head = (...kids) => h("div", { class: "section-head" }, title, ...kids, choices(route));
  if (!opened || opened.id !== route.id) return [back, head(), waiting()];
  if (opened.refused) return [back, head(), refusal(opened.refused)];
  const print = opened.footprint;
  if (!print || print.view !== viewAsked(route)) return [back, head(), waiting()];
  return [
    back,
    head(statusChip(print.status), h("span", { class: "soft", id: "revision" }, revisionText(print.revision, opened.revisions))),
    hero(print),
    besideForm(route),
    h("div", { class: "two" }, processes(print.by_process), carriers(print.by_carrier, print.exempted)),
    timeline(print.runs),
    problemList(print.problems),
    family(print, route),
    h("h2", {}, say("batch.runs")),
    print.runs.map((run, i) => runSection(run, i, print, route)),
    apart("idle", print.idle, print, route),
    apart("overhead", print.overhead, print, route),
    exempted(print.exempted),
    h("div", { class: "two" }, supplies(print.by_supply, print.exempted), gases(print.by_gas)),
    print.environment ? environment(print.environment) : null,
    wordsCard(opened.words, opened.said, who?.rights.includes("enter"), does),
    revisionList(opened.revisions, route, print.revision),
    factorList(print.factors, route),
    h("div", { class: "list-foot" }, foot(print), exportButtons(say("export.batch"), { batch: print.batch, view: print.view }, "lines")),
    route.query.get("line") ? explainPanel(route, print, opened) : null,
  ];
}

function choices(route) {
  const chosen = viewAsked(route);
  return h("div", { class: "choices", role: "group", "aria-label": say("view.label") }, VIEWS.map((view) =>
    h("a", { href: to("batches", route.id, { view: view === "footprint" ? null : view }), "data-testid": `view-${view}`,
      title: say(`view.${view}.means`), "aria-current": view === chosen ? "true" : null }, say(`view.${view}`))));
}

function hero(print) {
  const { total } = print;
  return h("section", { id: "total", class: "card hero", "aria-label": say("batch.total") },
    h("p", { class: "hero-main" }, h("span", { class: "figure", "data-testid": "total-per-kg" },
      figures(total?.kgco2e_per_kg, 4)), " ", h("span", { class: "unit" }, say("unit.perkg"))),
    h("dl", { class: "facts" },
      fact(say("column.co2e"), "total-kgco2e", figures(total?.kgco2e, 4), say("unit.co2e")),
      fact(say("column.accepted"), "accepted-kg", figures(print.accepted_kg, 4), "kg", print.accepted_kg_from === "entered" ? say("batch.entered") : print.accepted_kg_from && meterName(print.accepted_kg_from, print)),
      fact(say("batch.metered"), "metered-share", percent(print.metered_share), "", say("batch.metered.means")),
      fact(say("batch.primary"), "primary-share", percent(print.primary_data_share), "", say("batch.primary.means"))));
}

function fact(label, testid, value, unitText, from) {
  return h("div", {}, h("dt", {}, label),
    h("dd", {}, h("span", { class: "figure strong", "data-testid": testid }, value), unitText ? ` ${unitText}` : "",
      from ? h("span", { class: "soft from wrap" }, from) : null));
}

function runSection(run, i, print, route) {
  return h("section", { key: `run ${run.machine} ${run.start} ${i}`, class: "card run", "data-testid": "run",
    "data-machine": run.machine },
    h("header", {}, h("h3", { class: "wrap" }, name(word("process", run.process)), " ",
      h("span", { class: "soft" }, name(run.machine))),
    h("p", { class: "soft figure" }, span(run.start, run.end),
      run.end ? ` (${lasting(run.start, run.end)})` : "")),
    lineTable(run.lines, print, route, `${word("process", run.process)}, ${run.machine}`));
}

function apart(kind, lines, print, route) {
  if (!lines || lines.length === 0) return null;
  return h("section", { id: kind, class: "card run" },
    h("header", {}, h("h3", {}, say(`batch.${kind}`)), h("p", { class: "soft" }, say(`batch.${kind}.means`))),
    lineTable(lines, print, route, say(`batch.${kind}`), placeOf));
}

function placeOf(line) {
  if (!line.machine) return null;
  const when = line.start ? span(line.start, line.end) : line.before ? say("line.before", moment(line.before)) : "";
  return h("span", { class: "soft small-note" }, name(line.machine), ` ${when}`);
}

function exempted(exempt) {
  if (!exempt || exempt.length === 0) return null;
  return h("section", { id: "exempted", class: "card" }, h("h3", {}, say("batch.exempted")),
    h("ul", { class: "plain" }, exempt.map((one) => h("li", {}, word("carrier", one.carrier), " ",
      h("span", { class: "figure" }, amount(one.amount)), ` ${unit(one.unit)} – `,
      h("span", { class: "soft" }, word("why", one.why))))));
}

function foot(print) {
  return h("p", { class: "soft small-note", id: "computed" },
    say("batch.computed", moment(print.computed_at)), " · ", word("method", print.method), " · ",
    word("boundary", print.boundary));
}
