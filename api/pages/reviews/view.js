// Each change that waits with all that was asked, and two buttons for somebody else than who asked.

import { h, jointed, name } from "../dom/h.js";
import { moment } from "../i18n/times.js";
import { language, say, word } from "../i18n/words.js";
import { facts } from "../shell/facts.js";
import { emptiness, refusedText, waiting } from "../shell/said_no.js";

export function reviewsView(known, who, does) {
  if (!known.waiting) return waiting();
  const explained = h("p", { class: "soft" }, known.kinds.length
    ? say("reviews.means", known.kinds.map((kind) => say(`reviews.kind.${kind}`)).join(say("and"))) : say("reviews.off"));
  return [
    explained,
    known.waiting.length ? h("div", { class: "reviews" }, known.waiting.map((one) => card(one, who, known.said, does)))
      : emptiness("no-reviews", say("reviews.none"), say("reviews.none.do")),
    known.decided?.length ? h("section", { class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("reviews.decided") },
      h("h2", {}, say("reviews.decided")), h("table", { class: "small" }, h("tbody", {}, known.decided.map(past)))) : null,
  ];
}

function card(one, who, said, does) {
  const own = who && who.name.toLowerCase() === one.asked_by.toLowerCase();
  return h("section", { key: one.number, class: "card review", "data-testid": "review" },
    h("h2", {}, word("call", one.call)),
    h("p", { class: "soft" }, name(one.asked_by), `, ${moment(one.asked_at)}`),
    one.factors.length ? factors(one.factors, one.asked.given.name)
      : h("dl", { class: "rows" }, facts(one.asked).map(([key, value]) => h("div", { key }, h("dt", {}, key), h("dd", { class: "wrap" }, name(value))))),
    own ? h("p", { class: "soft" }, say("reviews.own")) : form(one, does),
    h("div", { role: "status" }, said?.number === one.number ? h("p", { class: "warn-text wrap" }, refusedText(said.refused)) : null));
}

/** Factors as a person compares them: what each is, from which number to which, and who says so. */
function factors(found, file) {
  const heads = ["reviews.factor", "reviews.factor.before", "reviews.factor.after", "reviews.factor.unit", "reviews.factor.source"];
  const ofNumber = (i) => (i === 1 || i === 2 ? "num" : null);
  return h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": say("reviews.factors", file) },
    h("p", { class: "soft" }, say("reviews.factors", file)),
    h("table", { class: "small" },
      h("thead", {}, h("tr", {}, heads.map((key, i) => h("th", { key, scope: "col", class: ofNumber(i) }, say(key))))),
      h("tbody", {}, found.map((one) => h("tr", { key: one.id, "data-testid": "asked-factor" },
        h("th", { scope: "row" }, name((language() === "zh" && one.name_zh) || one.name_en || one.id), h("span", { class: "soft small-note" }, `${word("carrier", one.carrier)} · `, jointed(one.id))),
        h("td", { class: "num figure" }, one.value_before ?? say("reviews.factor.new")), h("td", { class: "num figure strong" }, one.value), h("td", {}, one.unit),
        h("td", { class: "wrap" }, name(`${one.publisher}, ${one.document}`), h("span", { class: "soft small-note wrap" }, `${one.published} · `, name(one.evidence))))))));
}

function form(one, does) {
  const submit = (event) => {
    event.preventDefault();
    does.decide(one.number, event.submitter.value, new FormData(event.target).get("why"));
  };
  return h("form", { class: "because", on: { submit } },
    h("input", { name: "why", required: true, minlength: "2", maxlength: "2000", autocomplete: "off", placeholder: say("people.reason"), "aria-label": say("people.reason") }),
    h("button", { type: "submit", class: "main", value: "confirm", "data-testid": "confirm" }, say("reviews.confirm")),
    h("button", { type: "submit", class: "quiet", value: "refuse", "data-testid": "refuse" }, say("reviews.refuse")));
}

function past(one) {
  return h("tr", { key: one.number, "data-testid": "decided" },
    h("td", {}, say(`reviews.state.${one.state}`)), h("td", {}, word("call", one.call), h("span", { class: "soft small-note" }, jointed(one.subject))),
    h("td", {}, name(one.asked_by)), h("td", {}, name(one.decided_by), h("span", { class: "soft small-note" }, moment(one.decided_at))),
    h("td", { class: "wrap" }, name(one.why || "")));
}
