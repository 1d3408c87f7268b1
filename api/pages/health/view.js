// Everything that feeds the ledger, what fails first; each meter leads to its readings and to the
// decision about it.

import { h, jointed, name } from "../dom/h.js";
import { amount } from "../i18n/numbers.js";
import { ago, moment } from "../i18n/times.js";
import { inLanguage, say } from "../i18n/words.js";
import { age } from "../server/clock.js";
import { waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { carrierName } from "../batch/breakdown.js";
import { problemList } from "../batch/problems.js";
import { reconciliation } from "./reconciliation.js";

export function healthView(health, known, does) {
  const title = h("h1", { tabindex: "-1" }, say("nav.health"));
  if (!health) return [h("div", { class: "section-head" }, title), waiting()];
  const failing = health.checks.filter((check) => !check.ok);
  return [
    h("div", { class: "section-head" }, title),
    h("section", { id: "checks", class: "card" },
      h("h2", {}, failing.length ? say("health.warn", failing.length) : say("health.ok", health.checks.length)),
      h("ul", { class: "checks" }, [...failing, ...health.checks.filter((check) => check.ok)].map(checkLine))),
    problemList(known.problems),
    reconciliation(known.told, does),
    metersCard(known.meters),
  ];
}

function checkLine(check, i) {
  const device = /^device (.+)$/.exec(check.name);
  return h("li", { key: `${check.name} ${i}`, class: check.ok ? "check-ok" : "check-bad", "data-testid": "check" },
    h("span", { class: "tick", "aria-hidden": "true" }, check.ok ? "✓" : "!"),
    h("span", {}, h("span", { class: "spoken" }, check.ok ? say("health.good") : say("health.bad")),
      name(device ? device[1] : check.name, { class: "strong" }), " ", h("span", { class: "soft wrap" }, inLanguage(check, "text"))));
}

function metersCard(meters) {
  if (!meters) return waiting();
  const silentFirst = [...meters].sort((a, b) => Number(b.silent) - Number(a.silent) || Number(expired(b)) - Number(expired(a)));
  return h("section", { id: "health-meters", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("balance.meters") },
    h("h2", {}, say("balance.meters")),
    h("table", { class: "small" },
      h("thead", {}, h("tr", {}, ["column.from", "column.carrier", "health.register", "health.heard", "meter.certificate"].map((key, i) =>
        h("th", { scope: "col", class: i === 2 ? "num" : null }, say(key))))),
      h("tbody", {}, silentFirst.map(meterRow))));
}

function expired(meter) {
  return meter.facts.some((fact) => fact.certificate_expired);
}

function meterRow(meter) {
  const seconds = age(meter.latest?.at);
  const last = meter.facts[meter.facts.length - 1];
  return h("tr", { key: meter.meter, "data-testid": "health-meter", "data-silent": String(meter.silent) },
    h("td", {}, h("a", { href: to("meters", meter.meter) }, h("code", {}, jointed(meter.meter)))),
    h("td", {}, meter.carrier ? carrierName(meter.carrier) : "–"),
    h("td", { class: "num figure" }, meter.latest ? amount(meter.latest.value) : "–"),
    h("td", { class: meter.silent ? "warn-text" : "soft" }, meter.latest ? (seconds === null ? moment(meter.latest.at) : ago(seconds)) : say("health.never")),
    h("td", { class: expired(meter) ? "warn-text" : "soft" }, last?.certificate_expires || "–"));
}
