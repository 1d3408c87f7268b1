// What people said of a batch, and a correction with its reason.

import { h, name } from "../dom/h.js";
import { moment } from "../i18n/times.js";
import { say } from "../i18n/words.js";
import { refusedText } from "../shell/said_no.js";

const FIELDS = ["accepted_kg", "article", "colour", "order"];

/** `words` as they were said; `does.correct(said)`: true where the server took it. */
export function wordsCard(words, said, enters, does) {
  if (!words) return null;
  return h("section", { id: "words", class: "card" }, h("h2", {}, say("words.title")),
    words.length ? h("ul", { class: "plain" }, [...words].reverse().map((one) => h("li", { key: `${one.entered_at} ${one.why}`, "data-testid": "word", class: one.taken_back ? "soft" : null },
      one.taken_back ? h("s", {}, told(one)) : told(one),
      h("span", { class: "soft small-note wrap" }, name(one.by), `, ${moment(one.entered_at)}`,
        one.import ? ` · ${say("words.import", one.import)}` : null, one.why ? [": ", name(one.why)] : null, one.taken_back ? ` · ${say("imports.is.undone")}` : null))))
      : h("p", { class: "soft" }, say("words.none")),
    enters ? correction(words, said, does) : null);
}

function told(one) {
  return FIELDS.filter((field) => one[field]).map((field, i) => [i ? " · " : null, h("span", { class: "soft" }, say(`words.${field}`), " "), name(one[field])]);
}

function correction(words, said, does) {
  const last = [...words].reverse().find((one) => !one.taken_back) || {};
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const given = Object.fromEntries([...new FormData(form)].filter(([field, value]) => field === "reason" || (value.trim() && value.trim() !== (last[field] || ""))));
    if (await does.correct(given)) form.closest("details").open = false;
  };
  const field = (id, props) => h("p", {}, h("label", { for: `correct-${id}` }, say(`words.${id}`)),
    h("input", { id: `correct-${id}`, name: id, autocomplete: "off", maxlength: "80", placeholder: last[id] || "", ...props }));
  return [
    h("details", { class: "columns" }, h("summary", {}, say("words.correct")),
      h("form", { id: "correct-batch", class: "entry", on: { submit } },
        h("p", { class: "soft small-note" }, say("words.means")),
        field("accepted_kg", { inputmode: "decimal", maxlength: "32" }), field("article"), field("colour"), field("order"),
        h("p", {}, h("label", { for: "correct-reason" }, say("people.reason")), h("input", { id: "correct-reason", name: "reason", required: true, minlength: "2", maxlength: "256", autocomplete: "off" })),
        h("button", { type: "submit", class: "main" }, say("words.enter")))),
    h("div", { role: "status" }, said?.refused ? h("p", { class: "warn-text wrap" }, refusedText(said.refused))
      : said?.waits ? h("p", { class: "good-text" }, say("reviews.waits")) : said?.entered ? h("p", { class: "good-text" }, say("words.entered")) : null),
  ];
}
