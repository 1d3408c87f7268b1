// What stands out now, the costliest first: what must be seen in five seconds from across a hall.

import { h, name } from "../dom/h.js";
import { figures, measure, percent } from "../i18n/numbers.js";
import { inLanguage, say } from "../i18n/words.js";
import { powerGauge } from "../machines/histories.js";
import { to } from "../shell/route.js";
import { restingFor } from "./resting.js";
import { perHour, sumPerHour, weight } from "./worth.js";

const SHOWN = 5;
const RANK = { alarm: 0, silent: 1, problem: 2, above: 3, idle: 4 };

/** Everything that stands out: `{kind, machine, …}`, by kind and then by what it costs. */
function standsOut(machines, { problems, alarms }) {
  const told = new Set(alarms.map((alarm) => alarm.subject));
  const found = [
    ...alarms.map((alarm) => ({ kind: "alarm", alarm })),
    ...machines.filter((one) => one.state === "silent").map((machine) => ({ kind: "silent", machine })),
    ...problems.map((problem) => ({ kind: "problem", problem })),
    ...machines.filter((one) => aboveGolden(one) && !told.has(one.batch)).map((machine) => ({ kind: "above", machine })),
    ...machines.filter((one) => one.state === "idle" && draws(one)).map((machine) => ({ kind: "idle", machine })),
  ];
  return found.sort((a, b) => RANK[a.kind] - RANK[b.kind] || worth(b) - worth(a));
}

function worth({ machine, alarm }) {
  return alarm ? measure(alarm.cost?.kgco2e) ?? 0 : weight(machine?.per_hour);
}

/** Whether a running batch has taken more already than a golden one takes in all. */
export function aboveGolden(machine) {
  const golden = measure(machine.golden?.kgco2e_per_kg);
  const soFar = measure(machine.golden?.so_far_per_kg);
  return golden !== null && soFar !== null && soFar > golden;
}

/** Whether an idle machine takes anything: one that is switched off costs nothing. */
function draws(machine) {
  return weight(machine.per_hour) > 0 || (measure(powerGauge(machine)?.value) ?? 0) > 0;
}

/** `beside` stands at its right: what the mill draws; `seen(alarm)` is told that somebody has seen it. */
export function attention(machines, known, { currency, beside, seen }) {
  const found = standsOut(machines, known);
  const idle = found.filter((one) => one.kind === "idle").map((one) => one.machine);
  return h("section", { id: "attention", class: `card attention ${found.length ? "busy" : "calm"}`, "aria-labelledby": "verdict" },
    h("div", { class: "verdict" },
      h("div", {}, h("h2", { id: "verdict", "data-testid": "verdict" }, verdict(found)),
        idle.length ? h("p", { class: "waste", "data-testid": "waste" }, say("hall.idlecosts"), " ",
          perHour(sumPerHour(idle), currency) || h("span", { class: "figure strong" }, drawn(idle)))
          : h("p", { class: "soft" }, say("hall.calm.means"))),
      beside),
    found.length ? h("ul", { class: "plain" }, found.slice(0, SHOWN).map((one, i) => row(one, i, currency, seen)),
      found.length > SHOWN ? h("li", { class: "more soft" }, say("hall.more", found.length - SHOWN)) : null) : null);
}

function verdict(found) {
  if (found.length === 0) return say("hall.calm");
  const count = (kind) => found.filter((one) => one.kind === kind).length;
  return Object.keys(RANK).map((kind) => [kind, count(kind)]).filter(([, n]) => n)
    .map(([kind, n]) => say(`hall.count.${kind}`, n)).join(" · ");
}

function row(one, i, currency, seen) {
  const id = one.machine?.id || one.alarm?.subject || one.problem.where;
  const what = one.alarm ? one.alarm.id : `${id} ${one.problem?.code || ""}`;
  return h("li", { key: `${one.kind} ${what} ${one.alarm ? "" : i}`, class: `out is-${one.kind} ${one.alarm && one.alarm.state === "acknowledged" ? "is-seen" : ""}`,
    "data-testid": "stands-out", "data-kind": one.kind },
  h("span", { class: "sign", "aria-hidden": "true" }),
  h("a", { class: "out-name strong wrap", href: one.machine ? to("machines", id) : one.alarm ? subjectOf(one.alarm) : to("health") }, name(id)),
  h("span", { class: "out-text wrap" }, text(one)),
  one.kind === "idle" ? perHour(one.machine.per_hour, currency) || h("span", { class: "figure strong" }, drawn([one.machine])) : null,
  one.alarm ? h("span", { class: "worth" }, cost(one.alarm), seenBy(one.alarm, seen)) : null);
}

/** Where what an alarm is about can be looked at: its batch, its machine, or the health of all. */
function subjectOf({ subject, problem }) {
  if (problem.values?.batch) return to("batches", problem.values.batch);
  return problem.code === "alarm-idle" ? to("machines", subject) : to("health");
}

function cost({ cost: spent }) {
  const parts = [[spent?.kgco2e, say("unit.co2e")], [spent?.kwh, "kWh"]].filter(([value]) => (measure(value) ?? 0) > 0);
  return parts.map(([value, unitText]) => h("span", { key: unitText, class: "figure" }, figures(value, 3, 1), h("span", { class: "unit" }, ` ${unitText}`)));
}

function seenBy(alarm, seen) {
  if (alarm.acknowledged_by) return h("span", { class: "soft" }, say("hall.seenby"), " ", name(alarm.acknowledged_by));
  return h("button", { type: "button", class: "quiet seen", "data-testid": "seen", on: { click: () => seen(alarm) } }, say("hall.seen"));
}

function text({ kind, machine, problem, alarm }) {
  if (kind === "alarm") return inLanguage(alarm.problem, "text");
  if (kind === "problem") return inLanguage(problem, "text");
  if (kind === "above") return above(machine);
  return restingFor(machine) || say(`state.${kind}`);
}

function above(machine) {
  const { kgco2e_per_kg: golden, so_far_per_kg: soFar } = machine.golden;
  return [h("a", { href: to("batches", machine.batch) }, name(machine.batch)), " ",
    say("hall.above", percent(String(measure(soFar) / measure(golden) - 1)), figures(soFar, 3), figures(golden, 3))];
}

function drawn(machines) {
  const kw = machines.map((one) => measure(powerGauge(one)?.value) ?? 0);
  return `${figures(kw.reduce((a, b) => a + b, 0), 3)} kW`;
}
