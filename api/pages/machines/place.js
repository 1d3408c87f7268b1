// One machine.

import { askFloor, floor } from "../hall/floor.js";
import { Refused } from "../server/client.js";
import { now } from "../server/clock.js";
import { redraw } from "../shell/redraw.js";
import { readings } from "./histories.js";
import { machineView, SPANS } from "./view.js";

const FLOOR_MS = 2000;
const CHARTS_MS = 15000;
const CHART_POINTS = 480;
const charts = new Map();

export function enter() {
  charts.clear();
}

export function asks(route) {
  return [[askFloor, FLOOR_MS], [() => askCharts(route), CHARTS_MS]];
}

export function view(state) {
  return machineView(state.route, floor, charts);
}

async function askCharts(route) {
  if (!floor.machines) await askFloor();
  const machine = floor.machines.find((one) => one.id === route.id);
  const hours = SPANS[route.query.get("span")] || SPANS["2h"];
  const until = now();
  const from = until - hours * 3600000;
  for (const gauge of machine?.gauges || []) {
    const drawn = { from, to: until, readings: [] };
    try {
      drawn.readings = await readings(gauge.point, from, until, CHART_POINTS);
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
    }
    charts.set(gauge.point, drawn);
    redraw();
  }
}
