// Two batches beside each other: why one took more than its twin.

import { answer } from "../server/answer.js";
import { segment } from "../server/client.js";
import { moved, shapeOf } from "../machines/curves.js";
import { redraw } from "../shell/redraw.js";
import { askFloor, floor } from "../hall/floor.js";
import { compareView } from "./view.js";
import { pairs } from "./difference.js";

const EVERY_MS = 30000;
const QUANTITIES = ["steam_flow", "power", "gas_flow", "water_flow", "bath_temperature"];
const MOST_CHARTS = 8;
const told = { key: null, prints: null, refused: null, charts: [] };

export function asks(route) {
  return [[() => ask(route), EVERY_MS]];
}

export function view(state) {
  return compareView(state.route, told.key === keyOf(state.route) ? told : null);
}

function keyOf({ id, query }) {
  return JSON.stringify([id, query.get("with")]);
}

async function ask(route) {
  const key = keyOf(route);
  const ids = [route.id, route.query.get("with") || ""];
  const found = await Promise.all(ids.map((id) => answer(() => `/batches/${segment(id)}/footprint`)));
  if (told.key !== key) Object.assign(told, { key, charts: [] });
  told.refused = found.find((one) => one.refused)?.refused || null;
  told.prints = told.refused ? null : found.map((one) => one.body);
  redraw();
  if (told.prints && told.charts.length === 0) await askCharts(key);
}

// The curves of runs that did the same, the second laid over the first from its start on.
async function askCharts(key) {
  if (!floor.machines) await askFloor();
  const [first, second] = told.prints;
  for (const [one, other] of pairs(first, second)) {
    for (const quantity of QUANTITIES) {
      const gauges = [one, other].map((run) => floor.machines.find((machine) => machine.id === run.machine)
        ?.gauges.find((gauge) => gauge.quantity === quantity));
      if (!gauges[0] || !gauges[1] || told.charts.length >= MOST_CHARTS) continue;
      const [start, begun] = [one, other].map((run) => Date.parse(run.start));
      const longest = Math.max(Date.parse(one.end) - start, Date.parse(other.end) - begun);
      const own = await shapeOf(gauges[0].point, start, start + longest);
      const beside = moved(await shapeOf(gauges[1].point, begun, begun + longest), start - begun);
      if (told.key !== key) return;
      told.charts = [...told.charts, { run: one, gauge: gauges[0], shape: { ...own, beside }, start }];
      redraw();
    }
  }
}
