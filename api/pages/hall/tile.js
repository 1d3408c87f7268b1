// One machine: what it does, for which batch, what that batch carries beside a golden one; and of
// one that idles, what that costs.

import { h, name, spoken } from "../dom/h.js";
import { figures, measure, money, percent, unit } from "../i18n/numbers.js";
import { ago } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { age, now } from "../server/clock.js";
import { to } from "../shell/route.js";
import { curve } from "../machines/curve.js";
import { gaugeTile, inOrder } from "../machines/gauges.js";
import { WINDOW_MS, history, powerGauge } from "../machines/histories.js";
import { aboveGolden } from "./attention.js";
import { restingFor } from "./resting.js";

const OLD_S = 60;
const YOUNG_S = 15;
const HEADROOM = 1.25; // of the bar, beyond the golden batch

export function machineTile(machine, currency) {
  const { state } = machine;
  const above = state === "running" && aboveGolden(machine);
  return h("li", { key: machine.id, class: `card machine is-${state} ${above ? "is-above" : ""}`, "data-testid": "machine",
    "data-machine": machine.id, "data-state": state },
    h("article", { "aria-label": machine.id },
      heading(machine, state),
      work(machine),
      machine.batch ? carbon(machine, above) : resting(machine, currency),
      loadCurve(machine),
      h("dl", { class: "gauges" }, inOrder(machine.gauges).map(gaugeTile))));
}

function heading(machine, state) {
  return h("div", { class: "machine-head" },
    h("h3", { class: "two-lines wrap", title: machine.id }, h("a", { href: to("machines", machine.id) }, name(machine.id))),
    stateLamp(state));
}

export function stateLamp(state) {
  return h("span", { class: `state state-${state}`, "data-testid": "state" },
    h("span", { class: "lamp", "aria-hidden": "true" }), say(`state.${state}`));
}

/** How old the newest reading is; nothing is said of what is a moment old. */
export function dataAge(machine) {
  const seconds = age(machine.at);
  if (seconds === null || seconds < YOUNG_S) return null;
  return h("span", { class: `age ${seconds > OLD_S ? "warn-text" : "soft"}`, "data-testid": "age" },
    spoken(say("age.label")), " ", ago(seconds));
}

/** Batch and step; of a machine without a batch, what it does. */
export function work(machine) {
  const process = word("process", machine.process);
  if (!machine.batch) return h("p", { class: "work soft" }, name(process), dataAge(machine));
  return h("p", { class: "work" },
    h("a", { class: "batch-link clip", href: to("batches", machine.batch), title: machine.batch, "data-testid": "machine-batch" },
      name(machine.batch)),
    h("span", { class: "soft clip" }, machine.step
      ? h("span", { class: "step", "data-testid": "step" }, stepWord(machine.step)) : name(process)),
    dataAge(machine));
}

function stepWord(step) {
  return name(step.label ? word("step", step.label) : say("machine.step", step.value));
}

function carbon(machine, above) {
  const { so_far: soFar, golden } = machine;
  if (!soFar) return h("p", { class: "carbon soft", key: "carbon" }, say("machine.pending"));
  return h("div", { class: "carbon", key: "carbon", "data-testid": "so-far" },
    h("p", { class: "big" }, h("span", { class: "figure", "data-testid": "so-far-per-kg" },
      figures(soFar.kgco2e_per_kg, 3, 3)), " ", h("span", { class: "unit" }, say("unit.perkg"))),
    golden ? [goldenBar(golden, above), beside(golden, above)]
      : h("p", { class: "soft small-note" }, h("span", { class: "figure", "data-testid": "so-far-kgco2e" },
        `${figures(soFar.kgco2e, 4, 1)} ${say("unit.co2e")}`), ` ${say("machine.sofar")}`));
}

function beside(golden, above) {
  const part = measure(golden.so_far_per_kg) / measure(golden.kgco2e_per_kg);
  return h("p", { class: `small-note ${above ? "warn-text" : "soft"}` },
    h("a", { class: "golden", href: to("batches", golden.batch), title: say(`golden.of.${golden.of}`, golden.batch, golden.among), "data-testid": "golden" },
      above ? say("golden.above", percent(String(part - 1)), figures(golden.kgco2e_per_kg, 3))
        : say("golden.part", percent(String(part)), figures(golden.kgco2e_per_kg, 3))));
}

/** From nothing to beyond the golden batch, a tick where that one ended. */
function goldenBar(golden, above) {
  const part = measure(golden.so_far_per_kg) / measure(golden.kgco2e_per_kg) || 0;
  const width = (share) => `${Math.max(0, Math.min(100, (share / HEADROOM) * 100)).toFixed(1)}%`;
  return h("div", { class: "scale", "aria-hidden": "true" },
    h("div", { class: `scale-bar ${above ? "over" : "under"}`, style: { width: width(part) } }),
    h("div", { class: "scale-median", style: { left: width(1) } }));
}

/** What a machine without a batch has in the place of carbon: what it costs, and since when. */
function resting(machine, currency) {
  const long = restingFor(machine);
  return h("div", { class: "carbon", key: "carbon" },
    machine.state === "idle" ? cost(machine, currency) : h("p", { class: "big soft" }, "–"),
    long ? h("p", { class: "soft small-note", "data-testid": "resting-for" }, long) : null,
    machine.last_batch ? h("p", { class: "soft small-note clip", "data-testid": "last-batch" }, say("machine.last"), " ",
      h("a", { href: to("batches", machine.last_batch) }, name(machine.last_batch))) : null);
}

function cost(machine, currency) {
  const drawn = measure(powerGauge(machine)?.value);
  const { money: paid, kgco2e } = machine.per_hour || {};
  const [worth, text, unitText] = currency && measure(paid) !== null ? [measure(paid), money(paid, currency), say("unit.perhour")]
    : measure(kgco2e) !== null ? [measure(kgco2e), figures(kgco2e, 2), `${say("unit.co2e")}${say("unit.perhour")}`]
      : [drawn, figures(drawn, 3), "kW"];
  return h("p", { class: `big ${worth ? "cost" : "soft"}`, "data-testid": "idle-cost" },
    h("span", { class: "figure" }, text), " ", h("span", { class: "unit" }, unitText));
}

function loadCurve(machine) {
  const gauge = powerGauge(machine);
  if (!gauge || now() === null) return null;
  const minutes = history(gauge.point);
  const peak = Math.max(...minutes.map(([, value]) => value ?? 0));
  return curve(minutes, now() - WINDOW_MS, now(), say("curve.spoken", figures(peak, 3), unit(gauge.unit)));
}
