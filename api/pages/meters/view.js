// A meter's readings with their quality, its dated facts, and the decision that it was changed.

import { h, jointed, name } from "../dom/h.js";
import { figures, unit } from "../i18n/numbers.js";
import { instant, moment, siteZone, siteInstant } from "../i18n/times.js";
import { say } from "../i18n/words.js";
import { curve } from "../machines/curve.js";
import { periodChoice } from "../shell/period.js";
import { refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";

export const CHOICES = ["1h", "8h", "24h", "7d"];
export const USUAL = "1h";

export function meterView(route, meter, does) {
  const query = Object.fromEntries(route.query);
  const go = (changed) => to("meters", route.id, { ...query, ...changed });
  const head = [
    h("p", { class: "back" }, h("a", { href: to("health") }, `← ${say("nav.health")}`)),
    h("div", { class: "section-head" }, h("h1", { class: "wrap", tabindex: "-1" }, jointed(route.id)), periodChoice(route.query, CHOICES, USUAL, go)),
  ];
  if (meter.refused) return [head, refusal(meter.refused)];
  if (!meter.readings) return [head, waiting()];
  return [head, readingsCard(meter.readings),
    meter.facts ? h("div", { class: "two" }, factsCard(meter.facts), swapCard(meter, does)) : null];
}

function readingsCard({ readings, every, unit: unitId }) {
  const points = readings.map((one) => [Date.parse(one.at), one.quality === "bad" ? null : one.value]);
  const good = readings.filter((one) => one.quality === "good").length;
  return h("section", { id: "readings", class: "card" },
    h("h2", {}, say("meter.readings", readings.length, good)),
    every > 1 ? h("p", { class: "soft", "data-testid": "thinned" }, say("meter.thinned", every)) : null,
    points.length > 1 && points.every(([, value]) => value === null || typeof value === "number")
      ? h("div", { class: "meter-curve" }, curve(fromLeast(points), points[0][0], points[points.length - 1][0], rise(points, unitId), gapOf(points))) : null,
    readings.length === 0 ? h("p", { class: "soft" }, say("curve.none")) : null,
    h("div", { class: "table-wrap readings", tabindex: "0", role: "region", "aria-label": say("meter.readings", readings.length, good) },
      h("table", { class: "small" },
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("explain.when")), h("th", { scope: "col", class: "num" }, unit(unitId)),
          h("th", { scope: "col" }, say("column.quality")))),
        h("tbody", {}, [...readings].reverse().map((one) => h("tr", { key: one.at, "data-testid": "reading" },
          h("td", { class: "figure" }, instant(one.at)),
          h("td", { class: "num figure strong" }, one.value === null ? "–" : String(one.value)),
          h("td", { class: one.quality === "good" ? "good-text" : "warn-text" }, say(`readingquality.${one.quality}`))))))));
}

/** What a screen reader hears of the curve: from which value to which. */
function rise(points, unitId) {
  const values = points.map(([, value]) => value).filter((value) => value !== null);
  return values.length ? say("chart.spoken", unit(unitId), figures(Math.min(...values), 6), figures(Math.max(...values), 6)) : "";
}

// Readings are as far apart as the meter and the thinning have them.
function gapOf(points) {
  return (3 * (points[points.length - 1][0] - points[0][0])) / (points.length - 1);
}

// A register's rise is what is to be seen, not its height.
function fromLeast(points) {
  const least = Math.min(...points.map(([, value]) => value ?? Infinity));
  return points.map(([at, value]) => [at, value === null ? null : value - least]);
}

function factsCard(facts) {
  const last = facts[facts.length - 1];
  const rows = [["meter.since", moment(last.valid_from)], ["meter.serial", last.serial], ["meter.class", last.class], ["meter.ct", last.ct], ["meter.pt", last.pt],
    ["meter.certificate", last.certificate], ["meter.expires", last.certificate_expires], ["meter.rated", last.rated_kw && `${last.rated_kw} kW`], ["meter.behind", last.behind]];
  return h("section", { class: "card" }, h("h2", {}, say("meter.facts")),
    h("dl", { class: "rows" }, rows.filter(([, value]) => value).map(([key, value]) => h("div", {}, h("dt", {}, say(key)), h("dd", { class: "wrap" }, name(value))))));
}

function swapCard(meter, does) {
  return h("section", { class: "card" }, h("h2", {}, say("swap.title")), h("p", { class: "soft" }, say("swap.means")),
    (meter.swaps || []).map((one) => h("p", { key: one.id, class: "small-note", "data-testid": "swap" },
      `${moment(one.at)}: ${one.old_last} → ${one.new_first}. `, name(one.why), h("span", { class: "soft" }, " ", name(one.by)))),
    swapForm(meter, does));
}

function swapForm(meter, does) {
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const said = Object.fromEntries(new FormData(form));
    const at = siteInstant(said.at);
    if (at !== null && (await does.swap({ ...said, at: new Date(at).toISOString() }))) form.reset();
  };
  const field = (id, props) => h("p", {}, h("label", { for: `swap-${id}` }, say(`swap.${id}`)), h("input", { id: `swap-${id}`, name: id, required: true, ...props }));
  return h("form", { id: "swap-form", class: "entry", on: { submit } },
    field("at", { type: "datetime-local", step: "1", "aria-describedby": "swap-zone" }),
    h("p", { id: "swap-zone", class: "soft small-note" }, say("site.zone", siteZone())),
    field("old_last", { inputmode: "decimal", autocomplete: "off" }), field("new_first", { inputmode: "decimal", autocomplete: "off" }),
    field("why", { minlength: "2", autocomplete: "off" }),
    h("button", { type: "submit", class: "main" }, say("swap.enter")),
    h("div", { role: "status" }, meter.said?.refused ? h("p", { class: "warn-text wrap", id: "swap-refused" }, name(meter.said.refused.detail || meter.said.refused.title))
      : meter.said?.waits ? h("p", { class: "good-text", id: "swap-waits" }, say("reviews.waits"))
        : meter.said?.entered ? h("p", { class: "good-text", id: "swap-entered" }, say("swap.entered")) : null));
}
