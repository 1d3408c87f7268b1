// One machine: what it does, for which batch, and what that batch costs so far.

import { h, name, spoken } from "../dom/h.js";
import { figures } from "../i18n/numbers.js";
import { ago, lasting, moment } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { age, now } from "../server/clock.js";
import { to } from "../shell/route.js";
import { scaleBar } from "../batches/scale.js";
import { curve } from "./curve.js";
import { gaugeTile, inOrder } from "./gauges.js";
import { WINDOW_MS, history, powerGauge } from "./histories.js";

const OLD_S = 60;
const STATES = new Set(["running", "idle", "silent"]);

/** The card of `machine`; `batches` are the newest known, `scale` compares its batch with finished ones, null if there are none. */
export function machineCard(machine, batches, scale) {
  const state = STATES.has(machine.state) ? machine.state : "silent";
  return h("li", { key: machine.id, class: `card machine is-${state}`, "data-testid": "machine",
    "data-machine": machine.id, "data-state": machine.state },
    h("article", { "aria-label": machine.id },
      heading(machine, state),
      work(machine),
      carbon(machine, batches, scale),
      loadCurve(machine),
      h("dl", { class: "gauges" }, inOrder(machine.gauges).map(gaugeTile))));
}

function heading(machine, state) {
  return h("div", { class: "machine-head" },
    h("h2", { class: "wrap two-lines", title: machine.id }, h("a", { href: to("machines", machine.id) }, name(machine.id))),
    h("span", { class: `state state-${state}`, "data-testid": "state" },
      h("span", { class: "lamp", "aria-hidden": "true" }), say(`state.${state}`)),
    dataAge(machine));
}

export function dataAge(machine) {
  const seconds = age(machine.at);
  if (seconds === null) return null;
  return h("span", { class: `age ${seconds > OLD_S ? "warn-text" : "soft"}`, "data-testid": "age" },
    spoken(say("age.label")), " ", ago(seconds));
}

/** Batch, process and step; what an idle machine is, when it runs nothing. */
export function work(machine) {
  const process = word("process", machine.process);
  if (!machine.batch) {
    return h("p", { class: "work soft" }, h("span", {}, say("machine.nobatch")), dot(),
      name(process), lineOf(machine));
  }
  return h("p", { class: "work" },
    h("a", { class: "batch-link wrap", href: to("batches", machine.batch), "data-testid": "machine-batch" },
      name(machine.batch)),
    dot(), name(process),
    machine.step ? [dot(), h("span", { class: "step", "data-testid": "step" }, stepWord(machine.step))] : null);
}

function lineOf(machine) {
  return machine.line ? [dot(), name(machine.line)] : null;
}

function stepWord(step) {
  return name(step.label ? word("step", step.label) : say("machine.step", step.value));
}

function dot() {
  return h("span", { class: "dot", "aria-hidden": "true" }, " · ");
}

function carbon(machine, batches, scale) {
  if (!machine.batch) return h("div", { class: "carbon", key: "carbon" }, resting(machine, batches));
  const soFar = machine.so_far;
  if (!soFar) return h("p", { class: "carbon soft", key: "carbon" }, say("machine.pending"));
  return h("div", { class: "carbon", key: "carbon", "data-testid": "so-far" },
    h("p", { class: "big" }, h("span", { class: "figure", "data-testid": "so-far-per-kg" },
      figures(soFar.kgco2e_per_kg, 3)), " ", h("span", { class: "unit" }, say("unit.perkg"))),
    h("p", { class: "soft between" },
      h("span", {}, say("machine.sofar"), " ", h("span", { class: "figure strong", "data-testid": "so-far-kgco2e" },
        figures(soFar.kgco2e, 4)), ` ${say("unit.co2e")}`),
      scale ? h("span", { class: "figure" }, say("machine.median", figures(scale.median, 3))) : null),
    soFar.kgco2e_per_kg && scale ? scaleBar(soFar.kgco2e_per_kg, scale, { partial: true }) : null);
}

/** What a machine without a batch has in the place of carbon: since when, and its last batch. */
function resting(machine, batches) {
  const key = machine.state === "silent" ? "machine.silentfor" : "machine.idlefor";
  const last = batches.find((batch) => batch.machines.includes(machine.id));
  return [
    now() === null || !machine.since ? null : [
      h("p", { class: "resting" }, say(key, lasting(machine.since, new Date(now()).toISOString()))),
      h("p", { class: "soft" }, say("machine.since", moment(machine.since)))],
    last ? h("p", { class: "soft wrap", "data-testid": "last-batch" }, say("machine.last"), " ",
      h("a", { href: to("batches", last.id) }, name(last.id)),
      last.kgco2e_per_kg ? [" ", h("span", { class: "figure strong" }, figures(last.kgco2e_per_kg, 3)),
        ` ${say("unit.perkg")}`] : null) : null,
  ];
}

function loadCurve(machine) {
  const gauge = powerGauge(machine);
  if (!gauge || now() === null) return null;
  return curve(history(gauge.point), now() - WINDOW_MS, now(), gauge.unit);
}
