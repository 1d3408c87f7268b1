// The balance of a period.

import { answer } from "../server/answer.js";
import { get } from "../server/client.js";
import { now } from "../server/clock.js";
import { periodAsked } from "../shell/period.js";
import { balanceView, CHOICES, USUAL } from "./view.js";

const EVERY_MS = 60000;
const PAST_MS = 600000;
let told = null;

export function asks(route) {
  const moving = !route.query.get("from");
  return [[() => ask(route), moving ? EVERY_MS : PAST_MS]];
}

export function view(state) {
  return balanceView(state.route, told?.key === keyOf(state.route) ? told : null);
}

function keyOf({ query }) {
  return ["span", "from", "to"].map((field) => query.get(field) || "").join(" ");
}

async function ask(route) {
  const key = keyOf(route);
  if (now() === null) await get("/site");
  if (told?.key === key && !told.refused && route.query.get("open") !== told.open) {
    told.open = route.query.get("open"); // only another band was opened
    return;
  }
  const { from, to } = periodAsked(route.query, CHOICES, USUAL);
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const found = await answer(`/balance?${query}`);
  told = { key, sheet: found.body, refused: found.refused, open: route.query.get("open") };
}
