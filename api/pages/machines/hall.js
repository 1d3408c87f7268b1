// The first view: every machine, and the latest batches beneath.

import { h } from "../dom/h.js";
import { figures, total } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";
import { emptiness, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { scaleOf } from "../batches/scale.js";
import { batchTable } from "../batches/table.js";
import { machineCard } from "./card.js";

const LATEST = 8;

export function hall(state) {
  return [
    h("h1", { class: "spoken", tabindex: "-1" }, say("nav.now")),
    machinesPart(state),
    h("section", { "aria-labelledby": "latest" },
      h("div", { class: "section-head" }, h("h2", { id: "latest" }, say("batches.latest")),
        h("a", { href: to("batches") }, say("batches.all"))),
      batchTable(state.batches.shown().slice(0, LATEST), state.batches, scaleOf(state.batches.shown()))),
  ];
}

function machinesPart(state) {
  if (!state.machines) return waiting();
  if (state.machines.length === 0) {
    return emptiness("no-machines", say("machines.none"), say("machines.none.do"));
  }
  const scale = scaleOf(state.batches.shown());
  return [summary(state.machines),
    h("ul", { id: "machines", class: "machines" },
      state.machines.map((machine) => machineCard(machine, state.batches.shown(), scale)))];
}

function summary(machines) {
  const count = (wanted) => machines.filter((machine) => machine.state === wanted).length;
  const silent = count("silent");
  return h("p", { id: "summary", class: "summary" },
    h("span", { class: "summary-run" }, h("strong", { class: "figure" }, count("running")), " ",
      say("summary.running", machines.length)),
    count("idle") ? h("span", {}, h("strong", { class: "figure" }, count("idle")), " ", say("state.idle")) : null,
    silent ? h("span", { class: "warn-text" }, h("strong", { class: "figure" }, silent), " ", say("state.silent")) : null,
    soFar(machines));
}

/** What all running batches cost so far; a batch on two machines counts once. */
function soFar(machines) {
  const byBatch = new Map();
  for (const machine of machines) {
    if (machine.batch && machine.so_far?.kgco2e) byBatch.set(machine.batch, machine.so_far.kgco2e);
  }
  const sum = byBatch.size ? total([...byBatch.values()]) : null;
  if (sum === null) return null;
  return h("span", { "data-testid": "summary-kgco2e" }, h("strong", { class: "figure" }, figures(sum, 4)),
    ` ${say("unit.co2e")} `, h("span", { class: "soft" }, say("summary.sofar")));
}
