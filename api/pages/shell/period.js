// Which time a place looks at: one of a few spans, or days that the reader chose. It stands in the
// address, so a link shows another reader the same.

import { h } from "../dom/h.js";
import { dayStart, dayText } from "../i18n/times.js";
import { say } from "../i18n/words.js";
import { now } from "../server/clock.js";

const HOUR_MS = 3600000;
const DAY_MS = 24 * HOUR_MS;
const SPANS = { "1h": 1, "8h": 8, "24h": 24, "7d": 168, "30d": 720, "365d": 8760 };

/** The period that a route asks for, in ms: `{from, to, id, moving}`. Moving ones end now. */
export function periodAsked(query, choices, usual) {
  const from = dayStart(query.get("from"));
  const last = dayStart(query.get("to"));
  if (from !== null && last !== null && last >= from) return { from, to: dayStart(dayText(last + DAY_MS * 1.5)), id: null, moving: false };
  const asked = query.get("span");
  const id = choices.includes(asked) ? asked : usual;
  const to = now() ?? NaN; // before the server was heard nobody knows what time it is
  return { from: to - SPANS[id] * HOUR_MS, to, id, moving: true };
}

/** The same, where the address may also name exact instants: what somebody zoomed into. */
export function zoomAsked(query, choices, usual) {
  const from = Date.parse(query.get("from") || "");
  const to = Date.parse(query.get("to") || "");
  if (/T/.test(query.get("from") || "") && from < to) return { from, to, id: null, moving: false };
  return periodAsked(query, choices, usual);
}

/** Links to the spans, and a form for days; `go(query)` is the address with other entries. */
export function periodChoice(query, choices, usual, go) {
  const chosen = zoomAsked(query, choices, usual);
  const submit = (event) => {
    event.preventDefault();
    const said = new FormData(event.target);
    if (said.get("from") && said.get("to")) location.hash = go({ span: null, from: said.get("from"), to: said.get("to") });
  };
  return h("div", { class: "period" },
    h("div", { class: "choices", role: "group", "aria-label": say("span.label") }, choices.map((id) =>
      h("a", { key: id, href: go({ span: id === usual ? null : id, from: null, to: null }), "data-testid": `span-${id}`,
        "aria-current": id === chosen.id ? "true" : null }, say("span.hours", SPANS[id])))),
    h("form", { class: "days", key: `${query.get("from")} ${query.get("to")} ${now() === null}`, on: { submit } },
      day("from", chosen.from), h("span", { "aria-hidden": "true" }, "–"), day("to", chosen.to - 1),
      h("button", { type: "submit", class: "quiet" }, say("span.show"))));
}

function day(field, at) {
  return h("input", { type: "date", name: field, "aria-label": say(`span.${field}`), required: true,
    life: { born: (el) => { if (Number.isFinite(at)) el.value = dayText(at); } } });
}
