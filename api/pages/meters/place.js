// One meter: what it showed, reading by reading, and what people decided about it.

import { answer } from "../server/answer.js";
import { get, post, segment } from "../server/client.js";
import { now } from "../server/clock.js";
import { zoomAsked } from "../shell/period.js";
import { redraw } from "../shell/redraw.js";
import { CHOICES, meterView, USUAL } from "./view.js";

const EVERY_MS = 30000;
const MOST = 500;
const meter = { id: null, readings: null, facts: null, swaps: null, refused: null, said: null };

export function enter(route) {
  Object.assign(meter, { id: route.id, readings: null, facts: null, swaps: null, refused: null, said: null });
}

export function asks(route) {
  return [[() => ask(route), EVERY_MS]];
}

export function view(state) {
  return meterView(state.route, meter, { swap });
}

async function ask(route) {
  if (now() === null) await get("/site");
  const { from, to } = zoomAsked(route.query, CHOICES, USUAL);
  const id = segment(route.id);
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to + 1).toISOString(), limit: MOST });
  const found = await answer(`/points/${id}/readings?${query}`);
  if (meter.id !== route.id) return;
  meter.refused = found.refused;
  meter.readings = found.body;
  const register = await answer("/meters");
  meter.facts = register.body?.meters.find((one) => one.meter === route.id)?.facts || null;
  if (meter.facts) meter.swaps = (await answer(`/meters/${id}/swaps`)).body?.swaps || [];
}

async function swap(said) {
  const found = await post(`/meters/${segment(meter.id)}/swaps`, said);
  meter.said = found.refused ? { refused: found.refused } : { waits: found.body.review, entered: found.body };
  if (found.body && !meter.said.waits) meter.swaps = [...(meter.swaps || []), found.body];
  redraw();
  return !found.refused;
}
