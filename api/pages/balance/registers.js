// Every meter of the period: what its register counted, to whom it was posted, and that nothing is
// left over. The page compares strings, it does not reckon.

import { exact } from "../dom/exact.js";
import { h, name } from "../dom/h.js";
import { amount, isZero, measure, percent, unit } from "../i18n/numbers.js";
import { say, word } from "../i18n/words.js";
import { carrierName } from "../batch/breakdown.js";
import { meterLink } from "./behind.js";

const COLOURS = new Set(["run", "consumers", "batch", "batches", "standby", "overhead", "unmetered", "utility", "utility-input",
  "distribution-loss", "exported", "held", "storage"]);
const HEADS = [["column.from"], ["balance.register", "num"], ["balance.difference", "num"], ["balance.posted"]];

export function registers(sheet) {
  return h("section", { id: "meters" },
    h("div", { class: "section-head" }, h("h2", {}, say("balance.meters")), verdict(sheet.meters)),
    h("div", { class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("balance.meters") },
      h("table", { class: "registers stacks", role: "table" },
        h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, HEADS.map(([key, kind]) =>
          h("th", { scope: "col", role: "columnheader", class: kind || null }, say(key))))),
        h("tbody", { role: "rowgroup" }, sheet.meters.map((meter) => meterRow(meter, sheet))))));
}

function verdict(meters) {
  const open = meters.filter((meter) => !isZero(meter.difference));
  return h("p", { id: "verdict", class: open.length ? "warn-text" : "good-text", role: "status" },
    open.length ? say("balance.open", open.length) : say("balance.closed", meters.length));
}

function meterRow(meter, sheet) {
  const closed = isZero(meter.difference);
  return h("tr", { key: meter.meter, role: "row", class: closed ? null : "open", "data-testid": "meter", "data-meter": meter.meter },
    h("th", { scope: "row", role: "rowheader" }, meterLink(meter.meter, sheet), h("span", { class: "small-note" }, carrierName(meter.carrier))),
    h("td", { role: "cell", class: "num", "data-label": say("balance.register") }, exact(meter.register), ` ${unit(meter.unit)}`,
      h("span", { class: "small-note soft figure register-ends" }, `${meter.start ?? "–"} → ${meter.end ?? "–"}`)),
    h("td", { role: "cell", class: `num ${closed ? "good-text" : "warn-text"}`, "data-label": say("balance.difference") },
      h("span", { "aria-hidden": "true" }, closed ? "✓ " : "! "), h("span", { "data-testid": "meter-difference" }, exact(meter.difference))),
    h("td", { role: "cell", class: "posted" }, shares(meter.accounts, meter.unit)));
}

function colour(account) {
  const id = String(account).split(":")[0].replace(/_/g, "-");
  return COLOURS.has(id) ? id : "other";
}

/** One bar of shares and the same in words; negative ones (unmetered may be) stand in words only. */
function shares(all, unitId) {
  const accounts = (all || []).filter((one) => !isZero(one.amount));
  if (accounts.length === 0) return h("span", { class: "soft" }, say("nothing"));
  const sizes = accounts.map((one) => Math.max(0, measure(one.amount) || 0));
  const whole = sizes.reduce((sum, size) => sum + size, 0);
  const part = (i) => (whole > 0 ? sizes[i] / whole : 0);
  return [
    h("div", { class: "share-bar", "aria-hidden": "true" }, accounts.map((one, i) =>
      h("div", { class: `to-${colour(one.account)}`, style: { width: `${(part(i) * 100).toFixed(3)}%` } }))),
    h("ul", { class: "plain share-words" }, accounts.map((one, i) =>
      h("li", { "data-testid": "account", "data-account": one.account },
        h("span", { class: `swatch to-${colour(one.account)}`, "aria-hidden": "true" }),
        accountName(one.account), " ", h("span", { class: "figure strong" }, amount(one.amount)), ` ${unit(unitId)}`,
        whole > 0 ? h("span", { class: "soft figure" }, ` ${percent(part(i))}`) : null))),
  ];
}

function accountName(account) {
  const [kind, ...about] = String(account).split(":");
  const words = word("account", kind.replace(/_/g, "-"));
  return about.length ? [words, " ", name(about.join(":"))] : name(words);
}
