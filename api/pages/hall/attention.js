// What stands out now, the costliest first: what must be seen in five seconds from across a hall.

import { h, name } from "../dom/h.js";
import { figures, measure, percent } from "../i18n/numbers.js";
import { lasting } from "../i18n/times.js";
import { inLanguage, say } from "../i18n/words.js";
import { now } from "../server/clock.js";
import { to } from "../shell/route.js";
import { perHour, sumPerHour, weight } from "./worth.js";

const SHOWN = 5;
const RANK = { alarm: 0, silent: 1, problem: 2, above: 3, idle: 4 };

/** Everything that stands out: `{kind, machine, …}`, by kind and then by what it costs. */
export function standsOut(machines, problems) {
  const found = [
    ...machines.filter((one) => one.state === "silent").map((machine) => ({ kind: "silent", machine })),
    ...problems.map((problem) => ({ kind: "problem", problem })),
    ...machines.filter(aboveGolden).map((machine) => ({ kind: "above", machine })),
    ...machines.filter((one) => one.state === "idle" && draws(one)).map((machine) => ({ kind: "idle", machine })),
  ];
  return found.sort((a, b) => RANK[a.kind] - RANK[b.kind] || weight(b.machine?.per_hour) - weight(a.machine?.per_hour));
}

/** Whether a running batch has taken more already than a golden one takes in all. */
export function aboveGolden(machine) {
  const golden = measure(machine.golden?.kgco2e_per_kg);
  const soFar = measure(machine.golden?.so_far_per_kg);
  return golden !== null && soFar !== null && soFar > golden;
}

/** Whether an idle machine takes anything: one that is switched off costs nothing. */
function draws(machine) {
  const power = machine.gauges.find((gauge) => gauge.quantity === "power");
  return weight(machine.per_hour) > 0 || (measure(power?.value) ?? 0) > 0;
}

/** `beside` stands at its right: what the mill draws. */
export function attention(machines, problems, currency, beside) {
  const found = standsOut(machines, problems);
  const idle = found.filter((one) => one.kind === "idle").map((one) => one.machine);
  return h("section", { id: "attention", class: `card attention ${found.length ? "busy" : "calm"}`, "aria-labelledby": "verdict" },
    h("div", { class: "verdict" },
      h("div", {}, h("h2", { id: "verdict", "data-testid": "verdict" }, verdict(found)),
        idle.length ? h("p", { class: "waste", "data-testid": "waste" }, say("hall.idlecosts", idle.length), " ",
          perHour(sumPerHour(idle), currency) || h("span", { class: "figure strong" }, drawn(idle)))
          : h("p", { class: "soft" }, say("hall.calm.means"))),
      beside),
    found.length ? h("ul", { class: "plain" }, found.slice(0, SHOWN).map((one, i) => row(one, i, currency)),
      found.length > SHOWN ? h("li", { class: "more soft" }, say("hall.more", found.length - SHOWN)) : null) : null);
}

function verdict(found) {
  if (found.length === 0) return say("hall.calm");
  const count = (kind) => found.filter((one) => one.kind === kind).length;
  return Object.keys(RANK).map((kind) => [kind, count(kind)]).filter(([, n]) => n)
    .map(([kind, n]) => say(`hall.count.${kind}`, n)).join(" · ");
}

function row(one, i, currency) {
  const id = one.machine?.id || one.problem.where;
  return h("li", { key: `${one.kind} ${id} ${one.problem?.code || ""} ${i}`, class: `out is-${one.kind}`, "data-testid": "stands-out", "data-kind": one.kind },
    h("span", { class: "sign", "aria-hidden": "true" }),
    one.machine ? h("a", { class: "out-name strong", href: to("machines", id) }, name(id))
      : h("a", { class: "out-name strong wrap", href: to("health") }, name(id)),
    h("span", { class: "out-text wrap" }, text(one)),
    one.kind === "idle" ? perHour(one.machine.per_hour, currency) || h("span", { class: "figure strong" }, drawn([one.machine])) : null);
}

function text({ kind, machine, problem }) {
  if (kind === "problem") return inLanguage(problem, "text");
  if (kind === "above") return above(machine);
  const since = now() !== null && machine.since ? lasting(machine.since, new Date(now()).toISOString()) : "";
  return since ? say(`machine.${kind}for`, since) : say(`state.${kind}`);
}

function above(machine) {
  const { kgco2e_per_kg: golden, so_far_per_kg: soFar } = machine.golden;
  return [h("a", { href: to("batches", machine.batch) }, name(machine.batch)), " ",
    say("hall.above", percent(String(measure(soFar) / measure(golden) - 1)), figures(soFar, 3), figures(golden, 3))];
}

function drawn(machines) {
  const kw = machines.map((one) => measure(one.gauges.find((gauge) => gauge.quantity === "power")?.value) ?? 0);
  return `${figures(kw.reduce((a, b) => a + b, 0), 3)} kW`;
}
