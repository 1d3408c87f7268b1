// The balance: what each register counted, and the accounts it was posted to. The difference must
// be zero; the page compares strings, it does not reckon.

import { exact } from "../dom/exact.js";
import { h, jointed, name } from "../dom/h.js";
import { amount, figures, isZero, measure, percent, unit } from "../i18n/numbers.js";
import { span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { emptiness, refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { carrierName } from "../batch/breakdown.js";

export const SPANS = { "1h": 1, "8h": 8, "24h": 24, "7d": 168 };

export function spanAsked(route) {
  const asked = route.query.get("span");
  return asked in SPANS ? asked : "24h";
}

export function balanceView(state) {
  const chosen = spanAsked(state.route);
  const head = h("div", { class: "section-head" }, h("h1", { tabindex: "-1" }, say("nav.balance")),
    h("div", { class: "choices", role: "group", "aria-label": say("span.label") }, Object.keys(SPANS).map((id) =>
      h("a", { href: to("balance", "", { span: id }), "data-testid": `span-${id}`,
        "aria-current": id === chosen ? "true" : null }, say("span.hours", SPANS[id])))));
  const { balance } = state;
  if (!balance || balance.span !== chosen) return [head, waiting()];
  if (balance.refused) return [head, refusal(balance.refused)];
  const { meters, supplies, from, to: until } = balance.sheet;
  if (meters.length === 0) return [head, emptiness("no-meters", say("balance.none"), say("balance.none.do"))];
  return [head, h("p", { class: "soft figure" }, span(from, until)), verdict(meters),
    h("h2", {}, say("balance.supplies")),
    h("div", { id: "supplies", class: "sheet" }, supplies.map(supplyCard)),
    h("h2", {}, say("balance.meters")),
    h("div", { id: "meters", class: "sheet" }, meters.map(meterCard))];
}

function verdict(meters) {
  const open = meters.filter((meter) => !isZero(meter.difference));
  return h("p", { id: "verdict", class: `verdict ${open.length ? "warn-text" : "good-text"}`, role: "status" },
    open.length ? say("balance.open", open.length) : say("balance.closed", meters.length));
}

function supplyCard(supply, i) {
  return h("section", { key: `${supply.supply} ${i}`, class: "card", "data-testid": "supply", "data-supply": supply.supply },
    h("header", { class: "sheet-head" }, h("h3", { class: "wrap" }, name(supply.supply)), carrierName(supply.carrier)),
    h("p", { class: "sheet-total" },
      h("span", {}, h("span", { class: "figure strong" }, amount(supply.amount)), ` ${unit(supply.unit)}`),
      supply.kgco2e ? h("span", {}, h("span", { class: "figure strong" }, figures(supply.kgco2e, 4)),
        ` ${say("unit.co2e")}`) : null),
    shares(supply.to, supply.unit));
}

function meterCard(meter, i) {
  const closed = isZero(meter.difference);
  return h("section", { key: `${meter.meter} ${i}`, class: `card ${closed ? "" : "open"}`, "data-testid": "meter",
    "data-meter": meter.meter },
    h("header", { class: "sheet-head" }, h("h3", { class: "wrap" }, h("code", {}, jointed(meter.meter))),
      carrierName(meter.carrier)),
    h("dl", { class: "sum" },
      term("balance.register", meter.register, meter.unit, `${meter.start ?? "–"} → ${meter.end ?? "–"}`),
      term("balance.posted", meter.posted, meter.unit),
      h("div", { class: closed ? "sum-end good-text" : "sum-end warn-text" }, h("dt", {}, say("balance.difference")),
        h("dd", {}, h("span", { "aria-hidden": "true" }, closed ? "✓ " : "! "),
          h("span", { "data-testid": "meter-difference" }, exact(meter.difference)),
          ` ${unit(meter.unit)}`))),
    shares(meter.accounts, meter.unit));
}

function term(key, value, unitId, beneath) {
  return h("div", {}, h("dt", {}, say(key)), h("dd", {}, exact(value), ` ${unit(unitId)}`),
    beneath ? h("dd", { class: "beneath small-note figure" }, beneath) : null);
}

const COLOURS = new Set(["run", "consumers", "batch", "batches", "standby", "overhead", "unmetered", "utility", "utility-input",
  "distribution-loss", "exported", "held", "storage"]);

function colour(account) {
  const id = String(account).split(":")[0].replace(/_/g, "-");
  return COLOURS.has(id) ? id : "other";
}

/** One bar of shares and the same in words, empty accounts left out; negative ones (unmetered may be) stand in words only. */
function shares(all, unitId) {
  const accounts = (all || []).filter((one) => !isZero(one.amount));
  if (accounts.length === 0) return h("p", { class: "soft" }, say("nothing"));
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
