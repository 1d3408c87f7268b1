// The register of measures, and a measure's before and after.

import { h, name } from "../dom/h.js";
import { figures, measure, percent, unit } from "../i18n/numbers.js";
import { moment, siteInstant, siteZone, span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { carrierName } from "../batch/breakdown.js";
import { to } from "../shell/route.js";
import { emptiness, refusal, waiting } from "../shell/said_no.js";

const KINDS = ["machine", "process", "article"];

export function registerView({ measures, said }, does) {
  if (!measures) return waiting();
  return [
    measures.length === 0 ? emptiness("no-improvements", say("improvements.none"), say("improvements.none.do")) : register(measures),
    entryForm(said, does),
  ];
}

function register(measures) {
  return h("section", { class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("office.improvements") }, h("table", { class: "small" },
    h("thead", {}, h("tr", {}, ["what", "subject", "since", "by", "why"].map((key) => h("th", { scope: "col" }, say(`improvement.${key}`))))),
    h("tbody", {}, [...measures].reverse().map((one) => h("tr", { key: one.id, "data-testid": "improvement" },
      h("th", { scope: "row", class: "wrap" }, h("a", { href: to("office", "improvements", { number: String(one.id) }) }, name(one.what))),
      h("td", {}, subject(one)), h("td", {}, moment(one.since)), h("td", {}, name(one.by)),
      h("td", { class: "wrap" }, name(one.why), one.evidence ? h("span", { class: "small-note soft" }, name(one.evidence)) : null))))));
}

function subject(one) {
  const said = one.of === "process" ? word("process", one.name) : one.name;
  return [h("span", { class: "soft" }, say(`improvement.of.${one.of}`)), " ", name(said)];
}

function entryForm(said, does) {
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const given = Object.fromEntries(new FormData(form));
    const at = siteInstant(given.since);
    if (at !== null && (await does.enter({ ...given, since: new Date(at).toISOString() }))) form.reset();
  };
  const field = (id, props) => h("p", {}, h("label", { for: `improvement-${id}` }, say(`improvement.${id}`)), h("input", { id: `improvement-${id}`, name: id, required: true, autocomplete: "off", ...props }));
  return h("section", { class: "card" }, h("h2", {}, say("improvement.title")), h("p", { class: "soft" }, say("improvement.means")),
    h("form", { id: "improvement-form", class: "entry", on: { submit } },
      field("what", { minlength: "2" }),
      h("p", {}, h("label", { for: "improvement-of" }, say("improvement.subject")), h("select", { id: "improvement-of", name: "of" }, KINDS.map((kind) => h("option", { key: kind, value: kind }, say(`improvement.of.${kind}`))))),
      field("name", {}), field("since", { type: "datetime-local", "aria-describedby": "improvement-zone" }),
      h("p", { id: "improvement-zone", class: "soft small-note" }, say("site.zone", siteZone())),
      field("why", { minlength: "2" }), field("evidence", { required: false }),
      h("button", { type: "submit", class: "main" }, say("improvement.enter")),
      h("div", { role: "status" }, said?.refused ? h("p", { class: "warn-text wrap" }, name(said.refused.detail || said.refused.title))
        : said?.entered ? h("p", { class: "good-text" }, say("improvement.entered")) : null)));
}

export function comparisonView(route, { told, refused }, choices, chosen) {
  const number = route.query.get("number");
  const head = h("div", { class: "section-head" },
    h("h2", { class: "wrap" }, h("a", { href: to("office", "improvements") }, say("office.improvements")), told ? [" › ", name(told.improvement.what)] : null),
    h("div", { class: "choices", role: "group", "aria-label": say("span.label") }, choices.map((days) =>
      h("a", { key: days, href: to("office", "improvements", { number, days }), "aria-current": days === chosen ? "true" : null }, say("span.hours", days * 24)))));
  if (refused) return [head, refusal(refused)];
  if (!told) return [head, waiting()];
  return [head, h("div", { class: "two" }, side(told.before, "before"), side(told.after, "after")), verdict(told), carriers(told)];
}

function side(one, which) {
  const perKg = measure(one.accepted_kg) ? figures(measure(one.kgco2e) / measure(one.accepted_kg), 4) : "–";
  return h("section", { class: "card", "data-testid": `side-${which}` }, h("h2", {}, say(`improvement.${which}`)),
    h("p", {}, h("span", { class: "figure strong change" }, perKg), ` ${say("unit.perkg")}`),
    h("p", { class: "soft" }, span(one.from, one.to), " · ", say("articles.batches", one.batches), ` · ${figures(one.accepted_kg, 4)} kg`),
    one.without_mass.length ? h("p", { class: "soft wrap" }, say("improvement.nomass", one.without_mass.join(", "))) : null);
}

function verdict(told) {
  const change = told.kgco2e_per_kg;
  if (!change) return h("p", { class: "card empty" }, say("improvement.nothing"));
  return h("section", { class: "card", "data-testid": "verdict" }, h("h2", {}, say("improvement.verdict")),
    h("p", {}, h("span", { class: "figure strong change" }, signed(change.by)), ` ${say("unit.perkg")} `, change.part === null ? null : h("span", { class: "figure" }, `(${signedPercent(change.part)})`)),
    h("p", {}, say("improvement.mix", signed(change.mix), say(`improvement.grouped.${told.grouped_by}`))),
    h("p", {}, say("improvement.own", signed(change.own))),
    h("p", { class: "soft" }, say("improvement.avoided", figures(told.avoided_kgco2e, 4), figures(told.avoided_by_itself_kgco2e, 4))));
}

function carriers(told) {
  if (told.carriers.length === 0) return null;
  return h("section", { class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("batch.bycarrier") }, h("h2", {}, say("batch.bycarrier")),
    h("table", { class: "small" },
      h("thead", {}, h("tr", {}, ["column.carrier", "improvement.before", "improvement.after", "revision.difference", "improvement.ofmix"].map((key, i) => h("th", { scope: "col", class: i ? "num" : null }, say(key))))),
      h("tbody", {}, told.carriers.map((one) => h("tr", { key: `${one.carrier} ${one.unit}`, "data-testid": "carrier-change" },
        h("th", { scope: "row" }, carrierName(one.carrier), h("span", { class: "small-note soft" }, `${unit(one.unit)}/kg`)),
        h("td", { class: "num figure" }, figures(one.before, 4)), h("td", { class: "num figure" }, figures(one.after, 4)),
        h("td", { class: "num figure" }, signed(one.by), one.part === null ? null : h("span", { class: "small-note" }, signedPercent(one.part))),
        h("td", { class: "num figure" }, signed(one.mix)))))));
}

function signed(value) {
  const number = measure(value);
  return `${number > 0 ? "+" : number < 0 ? "−" : ""}${figures(Math.abs(number), 4)}`;
}

function signedPercent(part) {
  return `${measure(part) > 0 ? "+" : "−"}${percent(String(Math.abs(measure(part))))}`;
}
