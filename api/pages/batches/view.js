// All batches, newest first.

import { h } from "../dom/h.js";
import { figures } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";
import { to } from "../shell/route.js";
import { scaleOf } from "./scale.js";
import { batchTable } from "./table.js";

/** `more()` asks for the next page. */
export function batchesView(route, pages, more) {
  const batches = pages.shown();
  const scale = scaleOf(batches);
  return [
    h("div", { class: "section-head" }, h("h1", { tabindex: "-1" }, say("nav.batches")), finder()),
    scale ? h("p", { class: "soft legend" }, say("scale.legend", figures(scale.median, 3), scale.count)) : null,
    batchTable(batches, pages, scale),
    pages.known && batches.length ? foot(pages, more) : null,
  ];
}

function foot(pages, more) {
  return h("p", { class: "list-foot soft" },
    h("span", { id: "shown" }, say("batches.shown", pages.shown().length)),
    pages.next ? h("button", { id: "more", type: "button", class: "main", "aria-busy": pages.reading ? "true" : null,
      on: { click: more } }, pages.reading ? say("waiting") : say("batches.more")) : null);
}

function finder() {
  const submit = (event) => {
    event.preventDefault();
    const id = new FormData(event.target).get("batch").trim();
    if (id) location.hash = to("batches", id);
  };
  return h("form", { id: "find-batch", class: "find", role: "search", on: { submit } },
    h("label", { for: "batch", class: "spoken" }, say("batches.find")),
    h("input", { id: "batch", name: "batch", type: "search", autocomplete: "off", spellcheck: "false",
      placeholder: say("batches.find") }),
    h("button", { type: "submit", class: "quiet" }, say("batches.open")));
}
