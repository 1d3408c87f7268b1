// The balance of a period.

import { answer } from "../server/answer.js";
import { get } from "../server/client.js";
import { now } from "../server/clock.js";
import { balanceView, spanAsked, SPANS } from "./view.js";

const EVERY_MS = 30000;
let sheet = null;

export function asks(route) {
  return [[() => ask(spanAsked(route)), EVERY_MS]];
}

export function view(state) {
  return balanceView({ route: state.route, balance: sheet });
}

async function ask(span) {
  if (now() === null) await get("/site");
  const to = now();
  const from = to - SPANS[span] * 3600000;
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const found = await answer(`/balance?${query}`);
  sheet = { span, sheet: found.body, refused: found.refused };
}
