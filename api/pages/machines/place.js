// One machine over a time: its curves, and the batches and steps on it.

import { askFloor, floor } from "../hall/floor.js";
import { answer } from "../server/answer.js";
import { get, segment } from "../server/client.js";
import { now } from "../server/clock.js";
import { zoomAsked } from "../shell/period.js";
import { redraw } from "../shell/redraw.js";
import { askCurve } from "./curves.js";
import { CHOICES, machineView, USUAL } from "./view.js";

const FLOOR_MS = 2000;
const MOVING_MS = 15000;
const PAST_MS = 600000;
const AGAIN_MS = 1000;
const told = { key: null, period: null, curves: new Map(), marks: null };

export function asks(route) {
  const { moving } = zoomAsked(route.query, CHOICES, USUAL);
  return [[askFloor, FLOOR_MS], [() => ask(route), moving ? MOVING_MS : PAST_MS]];
}

export function view(state) {
  return machineView(state.route, floor, told.key === keyOf(state.route) ? told : null);
}

function keyOf({ id, query }) {
  return [id, ...["span", "from", "to", "beside"].map((field) => query.get(field) || "")].join(" ");
}

async function ask(route) {
  const key = keyOf(route);
  if (now() === null) await get("/site");
  if (!floor.machines) await askFloor();
  const period = zoomAsked(route.query, CHOICES, USUAL);
  const machine = floor.machines.find((one) => one.id === route.id);
  if (told.key !== key) Object.assign(told, { key, period, curves: new Map(), marks: null });
  told.period = period;
  for (const gauge of machine?.gauges || []) {
    const before = route.query.get("beside") === "before" ? period.to - period.from : 0;
    const curve = await askCurve(gauge.point, period, before);
    if (told.key !== key) return;
    told.curves.set(gauge.point, curve);
    redraw();
  }
  const query = new URLSearchParams({ from: new Date(period.from).toISOString(), to: new Date(period.to).toISOString() });
  const marks = await answer(`/machines/${segment(route.id)}/marks?${query}`);
  if (told.key !== key) return;
  told.marks = marks.body || null;
  return [...told.curves.values()].some((curve) => !curve.complete) ? AGAIN_MS : undefined;
}
