// "Where does it come from?" for one line: the register before and after each instant, the value
// between them, and the difference, with every digit.

import { exact } from "../dom/exact.js";
import { h, jointed, name } from "../dom/h.js";
import { unit } from "../i18n/numbers.js";
import { instant, instantBeside, siteZone } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { carrierName } from "./breakdown.js";
import { factorFacts, factorsNamed } from "./factors.js";
import { ruleWords } from "./lines.js";

/** The dialog over the batch; `opened` = {explain, explainView, explainRefused}. */
export function explainPanel(route, print, opened) {
  const id = route.query.get("line");
  const close = () => leave(route);
  const on = {
    cancel: (event) => {
      event.preventDefault();
      close();
    },
    click: (event) => {
      if (event.target === event.currentTarget) close();
    },
  };
  return h("dialog", { key: `explain ${id}`, id: "explain", class: "explain", tabindex: "-1", on,
    "aria-labelledby": "explain-title", life: { born: show, gone: (el) => el.close?.() } },
  h("div", { class: "explain-inside" },
    h("header", {}, h("h2", { id: "explain-title" }, say("explain.title")),
      h("button", { type: "button", id: "explain-close", class: "quiet", on: { click: close } }, say("close"))),
    inside(id, print, opened)));
}

function show(el) {
  if (el.showModal) el.showModal();
  else el.setAttribute("open", "");
}

// Back to the batch; a reader who came by a link straight to the line has no such "back".
function leave(route) {
  const view = route.query.get("view");
  if (history.state?.within) history.back();
  else location.replace(to("batches", route.id, { view }));
}

function inside(id, print, opened) {
  const printed = allLines(print).find((line) => line.id === id);
  if (opened.explainRefused) return refusal(opened.explainRefused);
  if (!opened.explain || opened.explainView !== print.view) return waiting();
  const told = opened.explain.lines.find((line) => line.id === id);
  if (!told && !printed) return h("p", { class: "soft" }, say("explain.gone"));
  const line = { ...printed, ...told };
  return [
    amount(line),
    line.sentence ? h("p", { class: "wrap", id: "explain-sentence" }, name(line.sentence)) : null,
    h("dl", { class: "rows" }, row("column.from", h("code", { class: "wrap" }, jointed(line.from || "–"))),
      row("column.rule", ruleWords(line.rule))),
    (line.register || []).map((piece, i) => registerTable(piece, i, line)),
    usedUp(line),
    factor(line, print),
    opened.explain.text ? h("details", { class: "whole" }, h("summary", {}, say("explain.whole")),
      h("pre", { class: "wrap" }, opened.explain.text)) : null,
  ];
}

function allLines(print) {
  return [...print.runs.flatMap((run) => run.lines), ...(print.idle || []), ...(print.overhead || [])];
}

function amount(line) {
  return h("p", { class: "explain-amount" }, carrierName(line.carrier), " ",
    exact(line.amount), ` ${unit(line.unit)}`,
    line.kgco2e ? [h("span", { class: "soft" }, " → "), exact(line.kgco2e), ` ${say("unit.co2e")}`] : null);
}

function row(key, value) {
  return h("div", {}, h("dt", {}, say(key)), h("dd", {}, value));
}

function registerTable(piece, i, line) {
  return h("section", { key: `register ${i}`, class: "register", "data-testid": "register" },
    h("h3", {}, say("explain.register"), " ", h("span", { class: "soft" }, meterOf(piece, line), ` [${unit(piece.unit || line.unit)}]`)),
    h("table", { class: "stacks subtraction", role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, ["when", "before", "value", "after"].map((key) =>
        h("th", { scope: "col", role: "columnheader", class: key === "value" ? "num" : null }, say(`explain.${key}`))))),
      h("tbody", { role: "rowgroup" }, edge("end", piece.end), edge("start", piece.start, "−"),
        h("tr", { role: "row", class: "difference" },
          h("th", { scope: "row", role: "rowheader" }, say("explain.difference")),
          h("td", { role: "cell", class: "c-none" }),
          h("td", { role: "cell", class: "num", "data-testid": "difference" }, "= ", exact(piece.difference)),
          h("td", { role: "cell" }, piece.slots
            ? h("span", { class: "soft small-note" }, say("explain.slots", piece.slots)) : null)))),
    piece.carried !== undefined && piece.carried !== piece.difference
      ? h("p", {}, say("explain.carried"), " ", exact(piece.carried), ` ${unit(piece.unit || line.unit)}`) : null,
    h("p", { class: "soft small-note" }, say("explain.between", siteZone())));
}

/** The meter, leading to all its readings of that time. */
function meterOf(piece, line) {
  const meter = piece.meter || line.from || "";
  const from = piece.start?.before?.at || piece.start?.at;
  const until = piece.end?.after?.at || piece.end?.at;
  return from && until ? h("a", { href: to("meters", meter, { from, to: until }), "data-testid": "register-readings" }, jointed(meter)) : jointed(meter);
}

function edge(key, at, sign) {
  if (!at) return null;
  const label = (text) => ({ role: "cell", "data-label": say(text) });
  return h("tr", { role: "row", "data-testid": `register-${key}` },
    h("th", { scope: "row", role: "rowheader" }, say(`explain.${key}`),
      h("span", { class: "soft small-note figure" }, instant(at.at))),
    h("td", label("explain.before"), reading(at.before, at.at)),
    h("td", { ...label("explain.value"), class: "num" }, sign ? `${sign} ` : null, exact(at.value)),
    h("td", label("explain.after"), reading(at.after, at.at)));
}

function reading(read, beside) {
  if (!read) return h("span", { class: "soft" }, say("explain.noreading"));
  const doubt = read.quality && read.quality !== "good" ? ` · ${word("readingquality", read.quality)}` : "";
  return h("span", { class: "read" }, h("span", { class: "figure" }, read.value),
    h("span", { class: "soft small-note figure" }, instantBeside(read.at, beside), doubt));
}

function usedUp(line) {
  if (!line.inputs || line.inputs.length === 0) return null;
  return h("section", { id: "explain-inputs" }, h("h3", {}, say("explain.inputs")),
    h("p", { class: "soft small-note" }, say("explain.inputs.means")),
    h("ul", { class: "plain" }, line.inputs.map((input) => h("li", {}, carrierName(input.carrier), " ",
      exact(input.amount), ` ${unit(input.unit)} `, h("span", { class: "soft" }, "→ "),
      input.kgco2e === null ? say("notpriced") : [exact(input.kgco2e), ` ${say("unit.co2e")}`], " ", h("code", { class: "soft wrap" }, name(input.factor || ""))))));
}

function factor(line, print) {
  const found = factorsNamed(line.factor, print);
  if (found.length === 0) return null;
  return h("section", { id: "explain-factor" }, h("h3", {}, say("column.factor")), found.map((one) =>
    h("div", { key: one.id }, h("p", {}, exact(one.value), ` ${unit(one.value_unit)}`), factorFacts(one))));
}
