// The first view: what stands out, what the mill draws, and every machine, line by line.

import { h, name } from "../dom/h.js";
import { figures, measure, money } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";
import { emptiness, refusal, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { attention } from "./attention.js";
import { machineTile } from "./tile.js";
import { perHour, sumPerHour } from "./worth.js";

export function hallView(floor, hall, wantedLine, seen) {
  const title = h("h1", { class: "spoken", tabindex: "-1" }, say("nav.hall"));
  if (!floor.machines) return [title, waiting()];
  if (floor.machines.length === 0) {
    return [title, emptiness("no-machines", say("machines.none"), say("machines.none.do")),
      h("p", { class: "empty" }, h("a", { href: to("start") }, say("start.go")))];
  }
  const lines = linesOf(floor.machines);
  const shown = lines.has(wantedLine) ? new Map([[wantedLine, lines.get(wantedLine)]]) : lines;
  const machines = [...shown.values()].flat();
  return [
    title,
    lines.size > 1 ? lineChoice(lines, shown.size === 1 ? wantedLine : null) : null,
    attention(machines, hall, { currency: floor.currency, beside: totals(machines, floor.currency), seen }),
    hall.refused ? refusal(hall.refused) : null,
    [...shown].map(([line, own]) => lineSection(line, own, floor.currency, shown.size > 1)),
  ];
}

function linesOf(machines) {
  const lines = new Map();
  for (const machine of machines) {
    const line = machine.line || "";
    if (!lines.has(line)) lines.set(line, []);
    lines.get(line).push(machine);
  }
  return lines;
}

function lineChoice(lines, chosen) {
  const link = (line, text) => h("a", { key: line ?? "", href: to("", null, { line }), "aria-current": line === chosen ? "true" : null },
    text);
  return h("nav", { class: "choices lines-choice", "aria-label": say("hall.lines") },
    link(null, say("hall.all")), [...lines.keys()].map((line) => link(line, name(line || "–"))));
}

/** What the machines draw together; the mill's own pulse. */
function totals(machines, currency) {
  const sum = (quantity) => {
    const parts = machines.flatMap((one) => one.gauges).filter((gauge) => gauge.quantity === quantity && gauge.quality !== "bad")
      .map((gauge) => measure(gauge.value)).filter((value) => value !== null);
    return parts.length ? parts.reduce((a, b) => a + b, 0) : null;
  };
  const all = sumPerHour(machines);
  const running = machines.filter((one) => one.state === "running").length;
  return h("dl", { id: "summary", class: "totals" },
    fact(say("hall.running"), `${running}`, say("hall.of", machines.length)),
    fact(say("quantity.power"), figures(sum("power"), 3), "kW"),
    sum("steam_flow") === null ? null : fact(say("quantity.steam_flow"), figures(sum("steam_flow"), 3), "kg/h"),
    all.kgco2e === null ? null : fact(say("hall.carbon"), figures(all.kgco2e, 3), `${say("unit.co2e")}${say("unit.perhour")}`),
    all.money === null || !currency ? null : fact(say("hall.money"), money(all.money, currency), say("unit.perhour")));
}

function fact(label, value, unitText) {
  return h("div", { key: label }, h("dt", {}, label),
    h("dd", {}, h("span", { class: "figure strong" }, value), h("span", { class: "unit" }, ` ${unitText}`)));
}

function lineSection(line, machines, currency, headed) {
  const running = machines.filter((one) => one.state === "running").length;
  return h("section", { key: `line ${line}`, "aria-label": line || say("nav.hall") },
    headed ? h("div", { class: "line-head" }, h("h2", { class: "wrap" }, name(line || "–")),
      h("span", { class: "soft" }, say("summary.running", running, machines.length)),
      h("span", { class: "soft" }, perHour(sumPerHour(machines), currency))) : null,
    h("ul", { class: "machines", "data-testid": "machines" }, machines.map((machine) => machineTile(machine, currency))));
}
