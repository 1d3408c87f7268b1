// What was spent for nothing, the costliest first, each with what proves it.

import { h, name } from "../dom/h.js";
import { amount, figures, measure, money, unit } from "../i18n/numbers.js";
import { span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { emptiness, refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { carrierName } from "../batch/breakdown.js";
import { weight } from "../hall/worth.js";

export const SPANS = { "24h": 1, "7d": 7, "30d": 30 };
const USUAL = "7d";

export function spanAsked(query) {
  const asked = query.get("span");
  return asked in SPANS ? asked : USUAL;
}

export function savings(route, told) {
  const chosen = spanAsked(route.query);
  const head = h("div", { class: "section-head" }, h("h1", { tabindex: "-1" }, say("nav.save")),
    h("div", { class: "choices", role: "group", "aria-label": say("span.label") }, Object.keys(SPANS).map((id) =>
      h("a", { key: id, href: to("save", "", { span: id === USUAL ? null : id }), "data-testid": `span-${id}`, "aria-current": id === chosen ? "true" : null },
        say("span.hours", SPANS[id] * 24)))));
  if (!told) return [head, waiting()];
  if (told.refused) return [head, refusal(told.refused)];
  const { body } = told;
  const about = h("p", { class: "soft" }, span(body.from, body.to), " · ", say("save.among", body.batches));
  if (body.savings.length === 0) return [head, about, emptiness("no-savings", say("save.none"), say("save.none.do"))];
  const top = Math.max(...body.savings.map((one) => weight(one)));
  return [head, about, sum(body), h("ol", { class: "plain savings" }, body.savings.map((one, i) => saving(one, i, top, body)))];
}

function sum(body) {
  const of = (key) => body.savings.map((one) => measure(one[key])).filter((value) => value !== null).reduce((a, b) => a + b, 0);
  return h("p", { class: "save-sum", "data-testid": "save-sum" },
    body.currency ? [h("span", { class: "figure strong" }, money(of("money"), body.currency)), " "] : null,
    h("span", { class: "figure" }, `${figures(of("kgco2e"), 4, 0)} ${say("unit.co2e")}`), " ",
    h("span", { class: "soft" }, say("save.overlap")));
}

function saving(one, i, top, { currency }) {
  return h("li", { key: `${one.kind} ${one.where} ${i}`, class: "card saving", "data-testid": "saving", "data-kind": one.kind },
    h("div", { class: "saving-head" },
      h("h2", {}, say(`save.${one.kind}`), " ", h("span", { class: "soft" }, whereLink(one))),
      h("p", { class: "saving-worth" },
        currency && one.money !== null ? h("span", { class: "figure strong saving-money" }, money(one.money, currency)) : null,
        h("span", { class: "figure" }, `${figures(one.kgco2e, 3, 1)} ${say("unit.co2e")}`))),
    h("div", { class: "bar-track", "aria-hidden": "true" }, h("div", { class: "bar-fill saving-bar", style: { width: `${((weight(one) / top) * 100).toFixed(1)}%` } })),
    h("p", { class: "soft" }, say(`save.${one.kind}.means`)),
    one.amounts.length ? h("p", { class: "saving-amounts" }, one.amounts.filter((part) => measure(part.amount) > 0).map((part) =>
      h("span", { key: part.carrier }, carrierName(part.carrier), " ", h("span", { class: "figure" }, amount(part.amount)), ` ${unit(part.unit)}`))) : null,
    h("p", { class: "saving-evidence" }, h("span", { class: "soft" }, say("save.evidence", one.among)), " ", one.evidence.map((shown) =>
      h("span", { key: shown.of, class: "shown-by" }, evidence(one, shown), " ", h("span", { class: "soft figure small" }, figures(shown.kgco2e, 2, 1))))));
}

function whereLink(one) {
  if (one.kind === "idle") return h("a", { href: to("machines", one.where) }, name(one.where));
  if (one.kind === "nothing-ran") return h("a", { href: to("balance", "", { open: `utility:${one.where}` }) }, name(one.where));
  if (one.kind === "solar-exported") return h("a", { href: to("balance", "", { open: `supply:${one.where}` }) }, name(one.where));
  return one.kind === "rework" ? null : name(word("process", one.where));
}

function evidence(one, shown) {
  const meter = one.kind === "nothing-ran" || one.kind === "solar-exported";
  return h("a", { href: meter ? to("meters", shown.of) : to("batches", shown.of), "data-testid": "evidence" }, name(shown.of));
}
