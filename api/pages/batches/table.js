// Batches in a table that becomes a stack of cards on a phone; roles are said aloud because
// restyled tables lose them.

import { h, name, spoken } from "../dom/h.js";
import { figures } from "../i18n/numbers.js";
import { siteZone, span } from "../i18n/times.js";
import { language, say } from "../i18n/words.js";
import { emptiness, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { scaleBar } from "./scale.js";

const rows = new WeakMap();

/** `choice` = {chosen, choose(id), searched}: which batches are to be compared, and whether some were looked for. */
export function batchTable(batches, pages, scale, choice) {
  if (!pages.known) return waiting();
  if (batches.length === 0 && choice.searched) return emptiness("none-found", say("find.none"), say("find.none.do"));
  if (batches.length === 0) return emptiness("no-batches", say("batches.none"), say("batches.none.do"));
  const unsaid = [...SAID].filter((one) => !batches.some((batch) => batch[one])).map((one) => `no-${one}`);
  return h("div", { class: "table-wrap card" },
    h("table", { id: "batches", class: ["stacks batches", ...unsaid].join(" "), role: "table" },
      h("caption", { class: "spoken" }, say("nav.batches")),
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, COLUMNS.map(columnHead))),
      h("tbody", { role: "rowgroup" }, batches.map((batch) => remembered(batch, scale, choice)))));
}

const COLUMNS = [["choose"], ["batch"], ["article"], ["colour"], ["order"], ["machines"], ["time"], ["accepted", "num"], ["co2e", "num"],
  ["perkg", "num"], ["compared"], ["status"], ["problems"]];

/** What is said of batches: a column that says nothing of any of them is not shown. */
const SAID = new Set(["article", "colour", "order"]);

function columnHead([key, kind]) {
  const hidden = key === "compared" || key === "choose";
  return h("th", { scope: "col", role: "columnheader", class: [kind, SAID.has(key) ? `c-${key}` : ""].filter(Boolean).join(" ") || null, "aria-hidden": hidden ? "true" : null },
    hidden ? "" : say(`column.${key}`));
}

// A row is described again only when its batch, the scale, the language or the zone changed.
function remembered(batch, scale, choice) {
  const picked = choice.chosen.includes(batch.id);
  const mark = `${language()} ${siteZone()} ${scale?.top} ${scale?.median} ${picked}`;
  const kept = rows.get(batch);
  if (kept && kept.mark === mark && kept.row.el?.isConnected) return kept.row;
  const row = batchRow(batch, scale, picked, choice.choose);
  rows.set(batch, { mark, row });
  return row;
}

function cell(kind, label, ...kids) {
  return h("td", { role: "cell", class: kind, "data-label": label }, ...kids);
}

function batchRow(batch, scale, picked, choose) {
  const open = (event) => {
    if (!event.target.closest("a, input") && !String(getSelection())) location.hash = to("batches", batch.id);
  };
  return h("tr", { key: batch.id, role: "row", class: `row-link is-${batch.status}`, on: { click: open },
    "data-testid": "batch-row", "data-batch": batch.id, "data-status": batch.status },
    h("td", { role: "cell", class: "c-choose" }, h("input", { type: "checkbox", checked: picked, "aria-label": say("compare.choose", batch.id), "data-testid": "choose",
      on: { change: () => choose(batch.id) } })),
    h("th", { scope: "row", role: "rowheader", class: "c-id" },
      h("a", { href: to("batches", batch.id), title: batch.id }, name(batch.id))),
    cell("c-article soft", "", clipped(batch.article || "")),
    cell("c-colour soft", "", clipped(batch.colour || "")), cell("c-order soft", "", clipped(batch.order || "")),
    cell("c-machines", "", clipped(batch.machines.join(", "))),
    cell("c-time figure soft", "", span(batch.start, batch.end)),
    cell(`c-accepted num ${batch.accepted_kg ? "" : "c-unknown"}`, say("column.accepted"), h("span", { class: "figure" }, figures(batch.accepted_kg, 4)),
      unitAfter(batch.accepted_kg, "kg")),
    cell("c-co2e num", say("column.co2e"), h("span", { class: "figure" }, figures(batch.kgco2e, 4)),
      unitAfter(batch.kgco2e, say("unit.co2e"))),
    cell("c-perkg num", "", h("span", { class: "figure strong" }, figures(batch.kgco2e_per_kg, 3)),
      unitAfter(batch.kgco2e_per_kg, say("unit.perkg"))),
    h("td", { role: "cell", class: "c-scale", "aria-hidden": "true" },
      scaleBar(batch.kgco2e_per_kg, scale, { partial: batch.status === "running" })),
    cell("c-status", "", statusChip(batch.status)),
    cell("c-problems", "", problemCount(batch.problems)));
}

function clipped(text) {
  return h("span", { class: "clip", title: text }, name(text));
}

/** The unit, seen on a phone where there is no column head to say it. */
function unitAfter(value, text) {
  return value === null || value === undefined ? null : h("span", { class: "unit narrow-only" }, ` ${text}`);
}

export function statusChip(status) {
  const known = ["running", "provisional", "final"].includes(status);
  return h("span", { class: `chip chip-${known ? status : "other"}`, "data-testid": "status",
    title: known ? say(`status.${status}.means`) : null }, known ? say(`status.${status}`) : status);
}

function problemCount(count) {
  if (!count) return spoken(say("problems.count", 0));
  return h("span", { class: "soft", "data-testid": "problem-count" }, say("problems.count", count));
}
