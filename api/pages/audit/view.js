// The log, line by line; what became other stands beside what it was.

import { h, jointed, name } from "../dom/h.js";
import { instant } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { facts } from "../shell/facts.js";
import { emptiness, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";

export function auditView(route, log, does) {
  if (!log.entries) return [finder(route), waiting()];
  if (log.entries.length === 0) return [finder(route), emptiness("no-audit", say("audit.none"), say("audit.none.do"))];
  return [
    finder(route),
    h("ol", { id: "audit", class: "card plain" }, log.entries.map(line)),
    log.next ? h("p", {}, h("button", { id: "older", type: "button", class: "quiet", on: { click: does.more } }, say("audit.older"))) : null,
  ];
}

function line(one) {
  return h("li", { key: one.number, "data-testid": "audit-line" },
    h("div", {}, name(one.who, { class: "strong" }), h("span", { class: "soft small-note" }, instant(one.at).slice(0, 19)),
      h("span", { class: "soft small-note" }, `${word("role", one.role)}, ${one.means}`, one.address ? `, ${one.address}` : null)),
    h("div", {}, word("act", one.act), " ", h("code", {}, jointed(one.subject)), one.why ? h("span", { class: "small-note" }, "“", name(one.why), "”") : null),
    changes(one.before || {}, one.after || {}));
}

function changes(was, is) {
  const [before, after] = [was, is].map((row) => Object.fromEntries(facts(row)));
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return h("dl", { class: "was-is" }, names.map((key) => h("div", { key },
    h("dt", {}, `${key}: `),
    h("dd", {}, key in before ? h("span", { class: "was" }, name(before[key])) : null, key in before && key in after ? " → " : null, key in after ? name(after[key]) : null))));
}

function finder(route) {
  const { query } = route;
  const submit = (event) => {
    event.preventDefault();
    location.hash = to("office", "audit", Object.fromEntries([...new FormData(event.target)].map(([key, value]) => [key, value.trim()])));
  };
  const input = (id, props) => h("span", { class: "field" }, h("label", { for: `audit-${id}` }, say(`audit.find.${id}`)),
    h("input", { id: `audit-${id}`, name: id, autocomplete: "off", spellcheck: "false", ...props, life: { born: (el) => { el.value = query.get(id) || ""; } } }));
  return h("form", { id: "find-audit", key: String(query), class: "find", role: "search", on: { submit } },
    input("who", { type: "search", maxlength: "64" }), input("subject", { type: "search", maxlength: "200" }),
    input("from", { type: "date" }), input("to", { type: "date" }),
    h("button", { type: "submit", class: "quiet" }, say("find.go")));
}
