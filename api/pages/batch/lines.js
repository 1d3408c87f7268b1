// The lines of a run: amount, emission, meter, rule, factor, quality. A click on a number asks
// where it comes from.

import { h, jointed, name, spoken } from "../dom/h.js";
import { amount, figures, measure, percent, unit } from "../i18n/numbers.js";
import { say, word } from "../i18n/words.js";
import { to } from "../shell/route.js";
import { carrierName } from "./breakdown.js";
import { factorsNamed } from "./factors.js";
import { meterName } from "./meter.js";

const HEADS = [["carrier"], ["amount", "num"], ["co2e", "num"], ["from"], ["rule"], ["factor"], ["quality"]];

/** `beside(line)` says more about a line under its carrier (idle lines: machine and time). */
export function lineTable(lines, print, route, caption, beside = () => null) {
  return h("table", { class: "stacks lines", role: "table" },
    h("caption", { class: "spoken" }, caption),
    h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, HEADS.map(([key, kind]) =>
      h("th", { scope: "col", role: "columnheader", class: kind || null }, say(`column.${key}`))))),
    h("tbody", { role: "rowgroup" }, lines.map((line, i) => [
      lineRow(line, i, print, route, beside),
      (line.inputs || []).map((input, n) => inputRow(input, `${i} ${n}`, line, print, route)),
    ])));
}

function lineRow(line, i, print, route, beside) {
  return h("tr", { key: `${line.id} ${i}`, role: "row", "data-testid": "line", "data-line": line.id,
    "data-carrier": line.carrier, "data-from": line.from },
    h("th", { scope: "row", role: "rowheader", class: "c-carrier" }, carrierName(line.carrier), " ", beside(line)),
    cell("num", say("column.amount"), origin(line, route, "line-amount", amount(line.amount), unit(line.unit))),
    cell("num", say("column.co2e"), line.kgco2e === null ? "–"
      : origin(line, route, "line-kgco2e", figures(line.kgco2e, 4), say("unit.co2e"))),
    cell("c-from", say("column.from"), meterName(line.from, print)),
    cell("c-rule", say("column.rule"), ruleWords(line.rule)),
    cell("c-factor", say("column.factor"), factorWord(line.factor, print, route)),
    cell("c-quality", say("column.quality"), quality(line.quality)));
}

// What a utility used to make this line's carrier: the boiler's gas behind the steam.
function inputRow(input, key, line, print, route) {
  return h("tr", { key: `in ${line.id} ${key}`, role: "row", class: "input-row", "data-testid": "input" },
    h("th", { scope: "row", role: "rowheader", class: "c-carrier" },
      h("span", { class: "elbow", "aria-hidden": "true" }), spoken(say("line.input")), carrierName(input.carrier)),
    cell("num", say("column.amount"), h("span", { class: "figure" }, amount(input.amount)), ` ${unit(input.unit)}`),
    cell("num", say("column.co2e"), h("span", { class: "figure" }, figures(input.kgco2e, 4)),
      input.kgco2e === null ? null : ` ${say("unit.co2e")}`),
    cell("c-from", say("column.from"), meterName(input.from, print)), h("td", { role: "cell", class: "c-none" }),
    cell("c-factor", say("column.factor"), factorWord(input.factor, print, route)),
    h("td", { role: "cell", class: "c-none" }));
}

function cell(kind, label, ...kids) {
  return h("td", { role: "cell", class: kind, "data-label": label }, ...kids);
}

function origin(line, route, testid, value, unitText) {
  const view = route.query.get("view");
  return h("a", { class: "origin", href: to("batches", route.id, { view, line: line.id }), "data-testid": testid,
    title: say("explain.title") }, h("span", { class: "figure" }, value), ` ${unitText}`,
    spoken(` ${say("explain.title")}`));
}

/** A rule in words; `signal:motor_on` is the rule "signal" with what it looks at. */
export function ruleWords(rule) {
  const [id, ...about] = String(rule || "").split(":");
  const words = word("rule", id);
  return about.length ? [words, " ", name(`(${about.join(":")})`)] : words;
}

/** Factors of the catalogue link to their rows below (one alone also says its value); anything else (a utility) is its name. */
function factorWord(named, print, route) {
  if (!named) return "–";
  const rows = factorsNamed(named, print);
  if (rows.length === 0) {
    return h("span", { class: "wrap" }, name(named), h("span", { class: "soft small-note" }, say("factor.asused")));
  }
  const view = route.query.get("view");
  return rows.map((row) => h("div", { key: row.id },
    h("a", { href: to("batches", route.id, { view, factor: row.id }), class: "wrap", "data-testid": "factor-link" },
      h("code", {}, jointed(row.id))),
    rows.length > 1 ? null : h("span", { class: "soft small-note" }, `${row.value} ${unit(row.value_unit)}, `,
      name([row.region, row.data_year].filter(Boolean).join(" ")))));
}

const QUALITIES = ["measured", "interpolated", "estimated"];

export function quality(shares) {
  if (!shares) return "–";
  const parts = QUALITIES.filter((kind) => (measure(shares[kind]) || 0) > 0);
  return h("div", { class: "quality" },
    h("div", { class: "quality-bar", "aria-hidden": "true" }, parts.map((kind) =>
      h("div", { key: kind, class: `quality-${kind}`, style: { width: `${(measure(shares[kind]) * 100).toFixed(2)}%` } }))),
    h("span", { class: "small-note" }, parts.map((kind) =>
      `${percent(shares[kind])} ${say(`quality.${kind}`)}`).join(say("and"))));
}
