// All batches, newest first, or those that somebody looks for; two of them beside each other.

import { h, name } from "../dom/h.js";
import { figures } from "../i18n/numbers.js";
import { dayStart, dayText } from "../i18n/times.js";
import { say } from "../i18n/words.js";
import { now } from "../server/clock.js";
import { exportButtons } from "../shell/exporting.js";
import { to } from "../shell/route.js";
import { scaleOf } from "./scale.js";
import { batchTable } from "./table.js";

const DAY_MS = 86400000;

/** `more()` asks for the next page; `chosen` are the batches that are to be compared. */
export function batchesView(route, pages, chosen, does) {
  const batches = pages.shown();
  const scale = scaleOf(batches);
  return [
    h("div", { class: "section-head" }, h("h1", { tabindex: "-1" }, say("nav.batches")), finder(route)),
    chosen.length ? comparing(chosen, does) : null,
    scale ? h("p", { class: "soft legend" }, say("scale.legend", figures(scale.median, 3), scale.count)) : null,
    batchTable(batches, pages, scale, { chosen, choose: does.choose, searched: pages.query !== "" }),
    pages.known && batches.length ? foot(route, pages, does) : null,
  ];
}

function comparing(chosen, does) {
  const [first, second] = chosen;
  return h("div", { id: "comparing", class: "card comparing", role: "status" },
    h("span", { class: "wrap" }, name(first), " ", say("compare.with"), " ", second ? name(second) : "…"),
    second ? h("a", { class: "button main", href: to("compare", first, { with: second }), "data-testid": "compare" }, say("compare.go"))
      : h("span", { class: "soft" }, say("compare.another")),
    h("button", { type: "button", class: "quiet", on: { click: does.clear } }, say("compare.clear")));
}

function foot(route, pages, does) {
  return h("div", { class: "list-foot" },
    h("span", { id: "shown", class: "soft" }, say("batches.shown", pages.shown().length)),
    pages.next ? h("button", { id: "more", type: "button", class: "main", "aria-busy": pages.reading ? "true" : null,
      on: { click: does.more } }, pages.reading ? say("waiting") : say("batches.more")) : null,
    exporting(route.query, does));
}

/** The days that are looked for as a file, or a month; before the server was heard nobody knows which. */
function exporting(query, does) {
  const [from, to] = [query.get("from"), query.get("to")];
  if (from && to) return exportButtons(say("export.ended"), { from, to }, "batches");
  if (now() === null) return null;
  const month = does.month || dayText(now()).slice(0, 7);
  const choice = [h("label", { for: "export-month" }, say("export.month")), " ",
    h("input", { id: "export-month", type: "month", value: month, max: dayText(now()).slice(0, 7), on: { change: (event) => does.exportMonth(event.target.value) } })];
  return exportButtons(choice, { month }, "batches");
}

function finder(route) {
  const { query } = route;
  const submit = (event) => {
    event.preventDefault();
    const said = Object.fromEntries(new FormData(event.target));
    const from = dayStart(said.from);
    const last = dayStart(said.to);
    location.hash = to("batches", "", {
      q: said.q.trim(), colour: said.colour.trim(), order: said.order.trim(), machine: said.machine.trim(),
      from: from === null ? null : new Date(from).toISOString(),
      to: last === null ? null : new Date(dayStart(dayText(last + 1.5 * DAY_MS))).toISOString(),
    });
  };
  const shown = (field, before = 0) => (query.get(field) ? dayText(Date.parse(query.get(field)) - before) : "");
  const input = (id, props, value) => h("span", { class: "field" }, h("label", { for: `find-${id}` }, say(`find.${id}`)),
    h("input", { id: `find-${id}`, name: id, autocomplete: "off", spellcheck: "false", ...props, life: { born: (el) => { el.value = value; } } }));
  return h("form", { id: "find-batch", key: String(query), class: "find", role: "search", on: { submit } },
    input("q", { type: "search", maxlength: "80" }, query.get("q") || ""),
    input("colour", { type: "search", maxlength: "80" }, query.get("colour") || ""),
    input("order", { type: "search", maxlength: "80" }, query.get("order") || ""),
    input("machine", { type: "search", maxlength: "64" }, query.get("machine") || ""),
    input("from", { type: "date" }, shown("from")), input("to", { type: "date" }, shown("to", 1)),
    h("button", { type: "submit", class: "quiet" }, say("find.go")));
}
