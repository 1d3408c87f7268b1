// An article: its value or why there is none, the batches' spread, what is left out, water and
// pollution, and files of all of it.

import { h, name } from "../dom/h.js";
import { amount, figures, percent, unit } from "../i18n/numbers.js";
import { dayText, span } from "../i18n/times.js";
import { inLanguage, say, word } from "../i18n/words.js";
import { carrierName } from "../batch/breakdown.js";
import { environment } from "../batch/environment.js";
import { exportButtons } from "../shell/exporting.js";
import { to } from "../shell/route.js";
import { emptiness, refusal, waiting } from "../shell/said_no.js";
import { daysOf } from "./asked.js";
import { spreadPlot } from "./spread.js";

export function listView(articles) {
  if (!articles) return waiting();
  if (articles.length === 0) return emptiness("no-articles", say("articles.none"), say("articles.none.do"));
  return h("section", { class: "card table-wrap" },
    h("table", { class: "small" },
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("column.article")), h("th", { scope: "col", class: "num" }, say("nav.batches")))),
      h("tbody", {}, articles.map((one) => h("tr", { key: one.article, "data-testid": "article" },
        h("th", { scope: "row", class: "wrap" }, h("a", { href: to("office", "articles", { article: one.article }) }, name(one.article))),
        h("td", { class: "num figure" }, String(one.batches)))))));
}

export function articleView(route, { told, refused, said }, does) {
  const article = route.query.get("article");
  const head = h("div", { class: "section-head" },
    h("h2", { class: "wrap" }, h("a", { href: to("office", "articles") }, say("office.articles")), " › ", name(article)), days(route, told));
  if (refused) return [head, refusal(refused)];
  if (!told) return [head, waiting()];
  return [
    head,
    h("div", { class: "two" }, valueCard(told), leftOut(told, said, does)),
    h("section", { class: "card" }, h("h2", {}, say("articles.spread")),
      spreadPlot(told.batches, told.kgco2e_per_kg),
      told.spread ? h("p", { class: "soft" }, say("articles.spread.means", figures(told.spread.low, 4), figures(told.spread.high, 4), figures(told.spread.standard_deviation, 3)))
        : h("p", { class: "soft" }, say("nothing"))),
    environment(told.environment),
    h("p", { class: "list-foot" }, exportButtons(say("articles.export"), { article, ...daysOf(route.query) }, "batches")),
  ];
}

function days(route, told) {
  const shown = told ? [Date.parse(told.from), Date.parse(told.to) - 1] : [null, null];
  const submit = (event) => {
    event.preventDefault();
    const said = new FormData(event.target);
    location.hash = to("office", "articles", { article: route.query.get("article"), from: said.get("from"), to: said.get("to") });
  };
  const day = (field, at) => h("input", { type: "date", name: field, required: true, "aria-label": say(`span.${field}`),
    life: { born: (el) => { if (at !== null) el.value = dayText(at); } } });
  return h("form", { class: "days", key: `${route.query} ${told === null}`, on: { submit } },
    day("from", shown[0]), h("span", { "aria-hidden": "true" }, "–"), day("to", shown[1]), h("button", { type: "submit", class: "quiet" }, say("span.show")));
}

function valueCard(told) {
  const none = told.status === "refused";
  return h("section", { class: "card", "data-testid": "declared", "data-status": told.status },
    h("h2", {}, say(`articles.status.${told.status}`)),
    none ? null : h("p", {}, h("span", { class: "figure strong twin-figure" }, told.kgco2e_per_kg), ` ${say("unit.perkg")}`),
    h("p", { class: "soft" }, `${told.kgco2e} ${say("unit.co2e")} · ${told.accepted_kg} kg · `, say("articles.batches", told.batches.length), " · ", span(told.from, told.to)),
    none || told.uncertainty !== null ? null : h("p", { class: "soft small-note", "data-testid": "uncertainty" }, say("articles.uncertainty")),
    told.problems.map((one) => h("p", { key: one.code, class: "wrap", "data-testid": "problem" },
      h("span", { class: none ? "warn-text" : null }, inLanguage(one, "text")), " ", h("span", { class: "soft" }, inLanguage(one, "do")))));
}

function leftOut({ exempted }, said, does) {
  const named = (one) => (one.carrier ? [carrierName(one.carrier), ": "] : null);
  return h("section", { class: "card" },
    h("h2", {}, say("articles.left"), " ", h("span", { class: "figure" }, exempted.share === null ? say("articles.unknown") : percent(exempted.share))),
    h("p", { class: "soft" }, say("articles.left.means", percent(exempted.limit))),
    h("table", { class: "small" }, h("tbody", {}, exempted.left_out.map((one) => h("tr", { key: `${one.why} ${one.carrier}`, "data-testid": "left-out" },
      h("th", { scope: "row" }, named(one), word("why", one.why)),
      h("td", { class: "num figure" }, one.amount === null ? "" : `${amount(one.amount)} ${unit(one.unit)}`),
      h("td", { class: "num figure" }, one.kgco2e === null ? say("articles.unknown") : `${figures(one.kgco2e, 3)} ${say("unit.co2e")}`))))),
    estimateForm(exempted.left_out.filter((one) => one.why !== "unmetered"), said, does));
}

function estimateForm(choices, said, does) {
  if (choices.length === 0) return null;
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const { what, ...more } = Object.fromEntries(new FormData(form));
    const one = choices[Number(what)];
    if (await does.estimate({ omitted: one.why, carrier: one.carrier, unit: one.unit, ...more })) form.reset();
  };
  const field = (id, props) => h("p", {}, h("label", { for: `estimate-${id}` }, say(`estimate.${id}`)), h("input", { id: `estimate-${id}`, name: id, required: true, autocomplete: "off", ...props }));
  return h("details", {}, h("summary", {}, say("estimate.title")),
    h("form", { id: "estimate-form", class: "entry", on: { submit } },
      h("p", {}, h("label", { for: "estimate-what" }, say("estimate.what")),
        h("select", { id: "estimate-what", name: "what" }, choices.map((one, i) => h("option", { key: i, value: String(i) }, `${word("carrier", one.carrier)} [${unit(one.unit)}]: ${word("why", one.why)}`)))),
      field("kgco2e_per_unit", { inputmode: "decimal" }), field("source", { minlength: "2" }), field("why", { minlength: "2" }),
      h("button", { type: "submit", class: "main" }, say("estimate.enter")),
      h("div", { role: "status" }, said?.refused ? h("p", { class: "warn-text wrap" }, name(said.refused.detail || said.refused.title))
        : said?.entered ? h("p", { class: "good-text" }, say("estimate.entered")) : null)));
}
