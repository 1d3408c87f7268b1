// How a month stands, who closes it, its totals as they were kept, and what changes it afterwards.

import { h, name } from "../dom/h.js";
import { exact } from "../dom/exact.js";
import { moment, span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { exportButtons } from "../shell/exporting.js";
import { to } from "../shell/route.js";
import { refusal, refusedText, waiting } from "../shell/said_no.js";

const MOST_NAMED = 30;

/** `does` = {close(month, why), decide(number, way, why)}. */
export function closingView(month, known, who, does) {
  const decides = who?.rights.includes("decide");
  return [
    h("div", { class: "section-head" }, h("h2", {}, say("office.closing")),
      h("label", { for: "closing-month", class: "soft" }, say("bills.month")),
      h("input", { id: "closing-month", type: "month", value: month || "", on: { change: (event) => { location.hash = to("office", "closing", { month: event.target.value }); } } })),
    known.refused ? refusal(known.refused) : known.told ? monthCard(known.told, known.said, decides, does) : waiting(),
    known.told?.kept.length ? keptCard(known.told) : null,
    restatements(known, decides, does),
    known.closed?.length ? closedCard(known.closed) : null,
  ];
}

function monthCard(told, said, decides, does) {
  const state = told.closed ? "closed" : told.over ? "open" : "running";
  const fact = (key, ...value) => h("div", {}, h("dt", {}, say(key)), h("dd", { class: "wrap" }, ...value));
  return h("section", { id: "month", class: "card", "data-state": state },
    h("h2", {}, say(`closing.is.${state}`, told.month)),
    told.closed ? h("p", { class: "soft wrap" }, name(told.closed.closed_by), `, ${moment(told.closed.closed_at)}: `, name(told.closed.why)) : null,
    h("dl", { class: "rows month-facts" },
      fact("closing.total", h("span", { "data-testid": "month-total" }, exact(told.kgco2e)), ` ${say("unit.co2e")}`),
      fact("column.accepted", exact(told.accepted_kg), " kg"),
      fact("column.perkg", exact(told.kgco2e_per_kg), ` ${say("unit.perkg")}`),
      fact("closing.final", h("a", { "data-testid": "month-batches", href: to("batches", "", { from: told.from, to: told.to }) }, say("articles.batches", told.final))),
      told.unfinished.length ? fact("closing.unfinished", h("span", { class: "warn-text" }, batches(told.unfinished))) : null,
      told.unweighed.length ? fact("closing.unweighed", batches(told.unweighed)) : null),
    told.waiting.length ? h("p", { class: "notice", "data-testid": "month-waits" }, say("closing.waits", told.waiting.length)) : null,
    state === "open" ? closeForm(told, said, decides, does) : null,
    h("p", { class: "list-foot" }, exportButtons(say("closing.export", told.month), { month: told.month }, "batches")));
}

function batches(names) {
  const shown = names.slice(0, MOST_NAMED).map((id, i) => [i ? ", " : null, h("a", { key: id, href: to("batches", id), "data-testid": "named-batch" }, name(id))]);
  return names.length > MOST_NAMED ? [shown, ` … ${say("articles.batches", names.length)}`] : shown;
}

function closeForm(told, said, decides, does) {
  if (told.unfinished.length) return h("p", { class: "soft" }, say("closing.notyet"));
  if (!decides) return h("p", { class: "soft" }, say("closing.who"));
  return whyForm("close-month", say("closing.means"), [["close", say("closing.close", told.month)]], said?.about === "close" ? said : null,
    (_, why) => does.close(told.month, why));
}

/** Why comes before what: a field, and a button for each way to decide. */
function whyForm(id, means, ways, said, done) {
  const submit = (event) => {
    event.preventDefault();
    done(event.submitter.value, new FormData(event.target).get("why"));
  };
  return h("form", { id, class: "because", on: { submit } },
    h("p", { class: "soft because-means" }, means),
    h("input", { name: "why", required: true, minlength: "2", maxlength: "2000", autocomplete: "off", placeholder: say("people.reason"), "aria-label": say("people.reason") }),
    ways.map(([way, text], i) => h("button", { key: way, type: "submit", class: i ? "quiet" : "main", value: way, "data-testid": `do-${way}` }, text)),
    h("div", { role: "status", class: "because-means" }, said?.refused ? h("p", { class: "warn-text wrap" }, refusedText(said.refused))
      : said?.waits ? h("p", { class: "good-text" }, say("reviews.waits")) : null));
}

function keptCard(told) {
  const heads = ["revision.number", "revision.when", "revision.why", "column.co2e", "closing.digest"];
  return h("section", { id: "kept-totals", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("closing.kept") },
    h("h2", {}, say("closing.kept")), h("p", { class: "soft" }, say("closing.kept.means")),
    h("table", { class: "small" }, h("thead", {}, h("tr", {}, heads.map((key, i) => h("th", { key, scope: "col", class: i === 3 ? "num" : null }, say(key))))),
      h("tbody", {}, told.kept.map((one) => h("tr", { key: one.revision, "data-testid": "kept" },
        h("td", { class: "figure" }, String(one.revision)), h("td", { class: "figure" }, moment(one.computed_at)),
        h("td", {}, reasons(one.reason)), h("td", { class: "num figure" }, one.kgco2e),
        h("td", {}, h("code", { class: "digest", title: one.digest }, one.digest)))))));
}

const reasons = (text) => text.split(",").map((one) => word("reason", one)).join(say("and"));

function restatements(known, decides, does) {
  if (!known.waiting) return null;
  return h("section", { id: "restatements" }, h("h2", {}, say("closing.restatements")),
    h("p", { class: "soft" }, say("closing.restatements.means")),
    known.waiting.length ? h("div", { class: "reviews" }, known.waiting.map((one) => restatement(one, known.said, decides, does)))
      : h("p", { class: "soft", "data-testid": "none-waits" }, say("reviews.none")));
}

function restatement(one, said, decides, does) {
  const { readings_from: first, readings_to: last } = one.detail;
  return h("section", { key: one.id, class: "card", "data-testid": "restatement" },
    h("h3", {}, say("closing.because", one.id, reasons(one.reason))),
    h("p", { class: "soft" }, say("closing.found", moment(one.made_at)), first ? `; ${say("closing.readings", span(first, last))}` : null),
    h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": say("closing.because", one.id, reasons(one.reason)) },
      h("table", { class: "small" },
        h("thead", {}, h("tr", {}, ["column.batch", "view.label", "closing.from", "closing.to", "revision.difference"].map((key, i) =>
          h("th", { key, scope: "col", class: i > 1 ? "num" : null }, say(key))))),
        h("tbody", {}, one.batches.map((line) => h("tr", { key: `${line.batch} ${line.view}` },
          h("th", { scope: "row" }, h("a", { href: to("batches", line.batch) }, name(line.batch))), h("td", {}, say(`view.${line.view}`)),
          h("td", { class: "num figure" }, line.kgco2e_from ?? "–", weighed(line, "from")), h("td", { class: "num figure" }, line.kgco2e_to, weighed(line, "to")),
          h("td", { class: "num figure strong" }, line.difference ?? "–")))))),
    one.reason.includes("correction") && one.batches.some((line) => Number(line.difference) === 0) ? h("p", { class: "soft" }, say("closing.permass")) : null,
    decides ? whyForm(`restatement-${one.id}`, say("closing.decide.means"), [["post", say("closing.post")], ["reject", say("closing.reject")]],
      said?.about === one.id ? said : null, (way, why) => does.decide(one.id, way, why))
      : h("p", { class: "soft" }, say("closing.who")));
}

/** What a batch weighs and a kilogram carries on one side of a change, where that is what it changes. */
function weighed(line, side) {
  const kg = line[`accepted_kg_${side}`];
  if (line.accepted_kg_from === line.accepted_kg_to) return null;
  return h("span", { class: "soft small-note", "data-testid": `weighed-${side}` }, kg === null ? say("closing.noweight") : say("closing.weighed", kg, line[`kgco2e_per_kg_${side}`]));
}

function closedCard(closed) {
  return h("section", { id: "closed-months", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("closing.closed") },
    h("h2", {}, say("closing.closed")),
    h("table", { class: "small" }, h("tbody", {}, closed.map((one) => h("tr", { key: one.month, "data-testid": "closed-month" },
      h("th", { scope: "row" }, h("a", { href: to("office", "closing", { month: one.month }) }, one.month)),
      h("td", {}, name(one.closed_by)), h("td", { class: "figure" }, moment(one.closed_at)), h("td", { class: "wrap" }, name(one.why)))))));
}
