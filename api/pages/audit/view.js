// The log, line by line; what became other stands beside what it was.

import { h, jointed, name } from "../dom/h.js";
import { instant } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { emptiness, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";

export function auditView(route, log, does) {
  if (!log.entries) return [finder(route), waiting()];
  if (log.entries.length === 0) return [finder(route), emptiness("no-audit", say("audit.none"), say("audit.none.do"))];
  return [
    finder(route),
    h("section", { id: "audit", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("office.audit") },
      h("table", { class: "small" },
        h("thead", {}, h("tr", {}, ["audit.at", "audit.who", "audit.what", "audit.change"].map((key) => h("th", { scope: "col" }, say(key))))),
        h("tbody", {}, log.entries.map(row)))),
    log.next ? h("p", {}, h("button", { id: "older", type: "button", class: "quiet", on: { click: does.more } }, say("audit.older"))) : null,
  ];
}

function row(one) {
  return h("tr", { key: one.number, "data-testid": "audit-line" },
    h("td", { class: "soft" }, instant(one.at).slice(0, 19)),
    h("td", {}, name(one.who, { class: "strong" }), h("span", { class: "soft small-note" }, `${word("role", one.role)}, ${one.means}`, one.address ? `, ${one.address}` : null)),
    h("td", {}, word("act", one.act), " ", h("code", {}, jointed(one.subject)), one.why ? h("span", { class: "small-note" }, name(one.why)) : null),
    h("td", {}, changes(one.before || {}, one.after || {})));
}

function changes(before, after) {
  const names = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return h("dl", { class: "was-is" }, names.map((key) => h("div", { key },
    h("dt", {}, `${key}: `),
    h("dd", {}, key in before ? h("span", { class: "was" }, text(before[key])) : null, key in before && key in after ? " → " : null, key in after ? text(after[key]) : null))));
}

function text(value) {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
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
