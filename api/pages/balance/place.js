// The balance of a period.

import { answer } from "../server/answer.js";
import { get, LONG_PATIENCE_MS } from "../server/client.js";
import { now } from "../server/clock.js";
import { routeNow } from "../shell/route.js";
import { periodAsked } from "../shell/period.js";
import { balanceView, CHOICES, USUAL } from "./view.js";

const EVERY_MS = 60000;
const PAST_MS = 600000;
let told = null;

export function asks(route) {
  return [[() => ask(route), keptFor(route)]];
}

export function view(state) {
  return balanceView(state.route, told?.key === keyOf(state.route) ? told : null);
}

/** How long a sheet holds [ms]: what is over changes by late data alone. */
function keptFor({ query }) {
  return periodAsked(query, CHOICES, USUAL).moving ? EVERY_MS : PAST_MS;
}

function keyOf({ query }) {
  return ["span", "from", "to"].map((field) => query.get(field) || "").join(" ");
}

async function ask(route) {
  const key = keyOf(route);
  if (now() === null) await get("/site");
  const open = route.query.get("open");
  const young = told?.key === key && !told.refused && performance.now() - told.at < keptFor(route);
  if (young && open !== told.open) {
    told.open = open; // only another band was opened
    return;
  }
  const { from, to } = periodAsked(route.query, CHOICES, USUAL);
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const found = await answer(`/balance?${query}`, LONG_PATIENCE_MS);
  if (keyOf(routeNow()) !== key) return; // of another period by now
  told = { key, sheet: found.body, refused: found.refused, open, at: performance.now() };
}
