// Each step says whether it is done, what to do if not, and where; the next one stands out.

import { h } from "../dom/h.js";
import { say } from "../i18n/words.js";
import { waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";

export function startView(health, known) {
  const title = h("h1", { tabindex: "-1" }, say("nav.start"));
  if (!health || !known.batches) return [h("div", { class: "section-head" }, title), waiting()];
  const steps = stepsOf(health, known);
  const next = steps.findIndex((step) => !step.done);
  return [
    h("div", { class: "section-head" }, title),
    h("p", { class: "soft" }, next < 0 ? say("start.all") : say("start.next", next + 1, steps.length)),
    h("ol", { class: "plain steps" }, steps.map((step, i) => stepCard(step, i, i === next))),
  ];
}

function stepsOf(health, { meters, machines, batches }) {
  const collectors = health.checks.filter((check) => check.name.startsWith("collector "));
  const heard = meters.filter((meter) => meter.latest);
  return [
    { id: "collector", done: collectors.some((check) => check.ok), said: say("start.collector.said", collectors.length), command: "millprint collector run", link: to("health") },
    { id: "meter", done: heard.length > 0, said: say("start.meter.said", heard.length, meters.length), command: "millprint collector scan", link: to("health") },
    { id: "machine", done: machines.length > 0, said: say("start.machine.said", machines.length), command: "millprint api check", link: to("") },
    { id: "batch", done: batches.length > 0, said: say("start.batch.said", batches.length), command: "millprint api import-runs runs.csv", link: to("batches") },
    { id: "footprint", done: batches.some((batch) => batch.kgco2e_per_kg), said: "", command: "millprint api explain", link: to("batches") },
  ];
}

function stepCard(step, i, next) {
  return h("li", { key: step.id, class: `card step-card ${step.done ? "done" : next ? "next" : "later"}`, "data-testid": "step-card", "data-done": String(step.done),
    "aria-current": next ? "step" : null },
  h("span", { class: "step-number", "aria-hidden": "true" }, step.done ? "✓" : i + 1),
  h("div", {}, h("h2", {}, say(`start.${step.id}`), h("span", { class: "spoken" }, ` ${say(step.done ? "start.done" : "start.todo")}`)),
    h("p", { class: "soft" }, step.done ? step.said : say(`start.${step.id}.do`)),
    step.done ? null : h("p", {}, h("code", {}, step.command)),
    step.done ? h("a", { href: step.link }, say("start.look")) : null));
}
