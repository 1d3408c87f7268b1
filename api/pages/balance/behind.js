// What is behind a node or a band: each band exactly, and the meters that saw it.

import { exact } from "../dom/exact.js";
import { h, jointed } from "../dom/h.js";
import { unit } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";
import { to } from "../shell/route.js";
import { carrierName } from "../batch/breakdown.js";
import { nodeName } from "./bands.js";

/** The bands that a node or band id stands for. */
export function behind(flows, opened) {
  return flows.filter((band) => !opened || band.start === opened || band.end === opened || `${band.start}→${band.end}` === opened);
}

export function behindCard(flows, opened, query, sheet) {
  const bands = behind(flows, opened);
  if (opened && bands.length === 0) return null;
  const [start, end] = opened.includes("→") ? opened.split("→") : [opened];
  return h("section", { id: "behind", class: "card", "aria-labelledby": "behind-title" },
    h("div", { class: "section-head" },
      h("h2", { id: "behind-title" }, nodeName(start), end ? [" → ", nodeName(end)] : null),
      h("a", { class: "button quiet", href: to("balance", "", { ...query, open: null }) }, say("close"))),
    bandTable(bands, sheet));
}

export function bandTable(bands, sheet) {
  return h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": say("balance.astable") }, h("table", { class: "small bands" },
    h("thead", {}, h("tr", {}, ["balance.from", "balance.to", "column.carrier", "column.amount", "column.co2e", "column.from"].map((key, i) =>
      h("th", { scope: "col", class: i === 3 || i === 4 ? "num" : null }, say(key))))),
    h("tbody", {}, bands.map((band, i) => h("tr", { key: `${band.start} ${band.end} ${band.carrier} ${band.unit} ${i}`, "data-testid": "band-row" },
      h("td", {}, nodeLink(band.start)), h("td", {}, nodeLink(band.end)), h("td", {}, carrierName(band.carrier)),
      h("td", { class: "num" }, Number(band.amount) === 0 ? "–" : [exact(band.amount), ` ${unit(band.unit)}`]),
      h("td", { class: "num" }, band.kgco2e === null ? h("span", { class: "soft" }, say("notpriced")) : exact(band.kgco2e)),
      h("td", {}, band.meters.map((meter) => meterLink(meter, sheet))))))));
}

function nodeLink(id) {
  return id.startsWith("batch:") ? h("a", { href: to("batches", id.slice(6)) }, nodeName(id)) : nodeName(id);
}

export function meterLink(meter, sheet) {
  return h("a", { key: meter, class: "meter-link", href: to("meters", meter, { from: sheet.from, to: sheet.to }), "data-testid": "meter-link" },
    h("code", {}, jointed(meter)));
}
