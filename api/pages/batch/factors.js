// The factors a footprint was priced with, each with its source and why it was chosen.

import { h, name, outward } from "../dom/h.js";
import { unit } from "../i18n/numbers.js";
import { inLanguage, say, word } from "../i18n/words.js";

/** The catalogue's rows behind a line's `factor`, which may name several: "a, b". */
export function factorsNamed(named, print) {
  const ids = String(named || "").split(", ");
  return (print.factors || []).filter((factor) => ids.includes(factor.id));
}

export function factorList(factors, route) {
  if (!factors || factors.length === 0) return null;
  const wanted = route.query.get("factor");
  return h("section", { id: "factors" }, h("h2", {}, say("factor.title")),
    h("div", { class: "factors" }, factors.map((factor) => factorCard(factor, factor.id === wanted))));
}

function factorCard(factor, wanted) {
  return h("article", { key: `${factor.id} ${wanted}`, class: `card factor ${wanted ? "wanted" : ""}`, tabindex: "-1",
    "data-testid": "factor", "data-factor": factor.id, life: wanted ? { born: showIt } : {} },
    h("h3", { class: "wrap" }, name(inLanguage(factor, "name") || factor.id)),
    h("p", { class: "factor-value" }, h("span", { class: "figure strong" }, factor.value), ` ${unit(factor.value_unit)}`),
    factorFacts(factor));
}

function showIt(el) {
  requestAnimationFrame(() => {
    el.scrollIntoView({ block: "center" });
    el.focus({ preventScroll: true });
  });
}

export function factorFacts(factor) {
  const rows = [
    ["factor.id", h("code", { class: "wrap" }, name(factor.id))],
    ["factor.region", factor.region && name(factor.region)],
    ["factor.year", factor.data_year],
    ["factor.published", factor.published],
    ["factor.publisher", factor.publisher && name(factor.publisher)],
    ["factor.document", factor.document && name(factor.document)],
    ["factor.source", factor.source_url && outward(factor.source_url, factor.source_url)],
    ["factor.confidence", factor.confidence && word("confidence", factor.confidence)],
    ["factor.why", factor.why && name(factor.why)],
  ];
  return h("dl", { class: "rows" }, rows.filter(([, value]) => value).map(([key, value]) =>
    h("div", {}, h("dt", {}, say(key)), h("dd", { class: "wrap" }, value))));
}
