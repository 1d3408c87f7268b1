// Improvements: what was done to save, who says so, and what it did.

import { answer } from "../server/answer.js";
import { get, LONG_PATIENCE_MS, post } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { routeNow } from "../shell/route.js";
import { comparisonView, registerView } from "./view.js";

const EVERY_MS = 60000;
const DAYS = { "30": 30, "90": 90, "365": 365 };
const known = { measures: null, key: null, told: null, refused: null, said: null };

export function enter() {
  known.said = null;
}

export function asks(route) {
  return [[route.query.get("number") ? () => askComparison(route) : askRegister, EVERY_MS]];
}

export function view({ route }) {
  if (!route.query.get("number")) return registerView(known, { enter: submit });
  return comparisonView(route, known.key === pathOf(route) ? known : {}, Object.keys(DAYS), daysOf(route));
}

function daysOf({ query }) {
  return query.get("days") in DAYS ? query.get("days") : "90";
}

function pathOf(route) {
  return `/improvements/${Number(route.query.get("number")) || 0}/comparison?days=${DAYS[daysOf(route)]}`;
}

async function askRegister() {
  known.measures = (await get("/improvements")).body.improvements;
}

async function askComparison(route) {
  const path = pathOf(route);
  const found = await answer(path, LONG_PATIENCE_MS);
  if (pathOf(routeNow()) !== path) return;
  Object.assign(known, { key: path, told: found.body || null, refused: found.refused || null });
}

async function submit(said) {
  const found = await post("/improvements", said);
  known.said = found.refused ? { refused: found.refused } : { entered: true };
  if (!found.refused) await askRegister();
  redraw();
  return !found.refused;
}
