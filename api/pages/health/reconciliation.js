// Bills beside meters, and mass that went in beside mass that came out; people explain differences.

import { h, name } from "../dom/h.js";
import { amount, figures, money, unit } from "../i18n/numbers.js";
import { moment } from "../i18n/times.js";
import { say } from "../i18n/words.js";
import { refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";

/** `told` = {body, refused, about, said}; `does` = {enterBill, explainBill, explainMass}. */
export function reconciliation(told, does) {
  if (told.refused) return refusal(told.refused);
  if (!told.body) return waiting();
  const { body } = told;
  return [
    h("section", { id: "reconciliation", class: "card" },
      h("div", { class: "section-head" }, h("h2", {}, say("bills.title")),
        h("label", { for: "reconciliation-month", class: "soft" }, say("bills.month")),
        h("input", { id: "reconciliation-month", type: "month", value: body.month, on: { change: (event) => { location.hash = to("health", "", { month: event.target.value }); } } })),
      body.bills.length ? billsTable(body.bills, told, does) : h("p", { class: "soft" }, say("bills.none")),
      body.unbilled.length ? h("p", { class: "soft wrap" }, say("bills.unbilled"), " ", body.unbilled.map((one, i) => [i ? " · " : null, name(one)])) : null,
      billForm(told, does)),
    massCard(body, told, does),
    body.readings.length ? readingsCard(body.readings) : null,
  ];
}

function billsTable(bills, told, does) {
  const heads = ["bills.supply", "bills.days", "bills.billed", "bills.metered", "bills.difference", "bills.state"];
  return h("div", { class: "table-wrap", tabindex: "0", role: "region", "aria-label": say("bills.title") },
    h("table", { class: "small" },
      h("thead", {}, h("tr", {}, heads.map((key, i) => h("th", { key, scope: "col", class: i > 1 && i < 5 ? "num" : null }, say(key))))),
      h("tbody", {}, bills.map((bill) => billRow(bill, told, does)))));
}

function billRow(bill, told, does) {
  return h("tr", { key: bill.bill, "data-testid": "bill", "data-state": bill.state },
    h("th", { scope: "row" }, name(bill.supply), bill.money ? h("span", { class: "soft small-note" }, money(bill.money, bill.currency || "CNY")) : null),
    h("td", { class: "figure" }, `${bill.first_day} – ${bill.last_day}`),
    h("td", { class: "num figure" }, amount(bill.billed), " ", h("span", { class: "unit" }, unit(bill.metered_unit))),
    h("td", { class: "num figure" }, bill.metered === null ? "–" : amount(bill.metered), bill.by_hand && bill.metered !== null ? h("span", { class: "soft small-note" }, say("bills.byhand")) : null),
    h("td", { class: "num figure" }, bill.difference === null ? "–" : [amount(bill.difference), bill.percent === null ? null : ` (${figures(bill.percent, 3, 2)} %)`]),
    h("td", {}, h("span", { class: bill.state === "differs" ? "warn-text" : bill.state === "agrees" ? "good-text" : "soft" }, say(`bills.is.${bill.state}`)),
      noteText(bill.note), bill.state === "differs" ? whyForm(bill.bill, told, (why) => does.explainBill(bill.bill, why)) : null));
}

function noteText(note) {
  if (!note) return null;
  return h("p", { class: note.stands ? "small-note wrap" : "small-note soft wrap" }, name(note.why), " ", h("span", { class: "soft" }, name(note.by), " ", moment(note.at), note.stands ? null : ` ${say("bills.outdated")}`));
}

function whyForm(about, told, done) {
  const submit = (event) => {
    event.preventDefault();
    done(new FormData(event.target).get("why"));
  };
  return h("form", { class: "import-row", on: { submit } },
    h("input", { name: "why", required: true, minlength: "2", maxlength: "256", autocomplete: "off", "aria-label": say("bills.explain"), placeholder: say("bills.explain") }),
    h("button", { type: "submit", class: "quiet" }, say("bills.explain")), refusedText(about, told));
}

function refusedText(about, told) {
  if (told.about !== about || !told.said) return null;
  return h("p", { class: "warn-text wrap", role: "alert" }, name(told.said.detail || told.said.title));
}

function billForm(told, does) {
  const submit = async (event) => {
    event.preventDefault();
    const form = event.target;
    const said = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
    if (await does.enterBill(said)) form.reset();
  };
  const field = (id, props) => h("p", { class: "field" }, h("label", { for: `bill-${id}` }, say(`bills.field.${id}`)), h("input", { id: `bill-${id}`, name: id, autocomplete: "off", ...props }));
  return h("details", { class: "columns" }, h("summary", {}, say("bills.enter")),
    h("form", { id: "bill-form", class: "reconcile-form", on: { submit } },
      field("supply", { required: true }), field("first_day", { type: "date", required: true }), field("last_day", { type: "date", required: true }),
      field("amount", { required: true, inputmode: "decimal" }), field("unit", { required: true, placeholder: "kWh" }), field("money", { inputmode: "decimal" }), field("currency", { maxlength: "3", placeholder: "CNY" }), field("number", {}),
      h("button", { type: "submit", class: "main" }, say("bills.enter")), refusedText("bill-form", told)));
}

const SORTS = ["greige", "chemical", "accepted", "scrap", "waste"];

function massCard({ month, mass }, told, does) {
  const row = (key, value, kind) => h("div", {}, h("dt", {}, say(`mass.${key}`)), h("dd", { class: kind || "figure" }, amount(value), " kg"));
  return h("section", { id: "mass-balance", class: "card" }, h("h2", {}, say("mass.title", month)),
    h("dl", { class: "rows" }, SORTS.filter((sort) => mass.percent !== null || Number(mass[`${sort}_kg`]) > 0).map((sort) => row(sort, mass[`${sort}_kg`])),
      mass.percent === null ? null : row("difference", mass.difference_kg, "figure strong")),
    h("p", { class: "soft" }, mass.percent === null ? say("mass.nothing") : say("mass.share", figures(mass.percent, 3, 2)), mass.unweighed ? ` ${say("mass.unweighed", mass.unweighed)}` : null),
    noteText(mass.note),
    mass.percent !== null && !mass.note?.stands ? whyForm("mass", told, (why) => does.explainMass(month, why)) : null,
    mass.batches.length ? h("details", { class: "columns" }, h("summary", {}, say("mass.batches", mass.batches.length)),
      h("ul", { class: "plain" }, mass.batches.map((one) => h("li", { key: one.batch, class: "figure" }, h("a", { href: to("batches", one.batch) }, name(one.batch)), ` ${amount(one.greige_kg)} → ${amount(one.accepted_kg)} kg (${figures(one.percent, 3, 2)} %)`)))) : null);
}

function readingsCard(readings) {
  const heads = ["column.from", "explain.when", "bills.read", "bills.shown", "bills.difference"];
  return h("section", { id: "hand-readings", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("bills.readings") }, h("h2", {}, say("bills.readings")),
    h("table", { class: "small" }, h("thead", {}, h("tr", {}, heads.map((key) => h("th", { key, scope: "col" }, say(key))))),
      h("tbody", {}, readings.map((one) => h("tr", { key: `${one.meter} ${one.at}` },
        h("td", {}, h("a", { href: to("meters", one.meter) }, name(one.meter))), h("td", { class: "figure" }, moment(one.at)), h("td", { class: "figure" }, amount(one.value)),
        h("td", { class: "figure" }, one.shown === null ? "–" : amount(one.shown)), h("td", { class: "figure" }, one.difference === null ? "–" : amount(one.difference)))))));
}
