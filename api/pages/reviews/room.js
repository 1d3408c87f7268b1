// What waits for a second pair of eyes, and what was decided of it.

import { get, post } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { reviewsView } from "./view.js";

const EVERY_MS = 5000;
const known = { waiting: null, decided: null, kinds: [], said: null };

export function enter() {
  known.said = null;
}

export function asks() {
  return [[ask, EVERY_MS]];
}

export function view(state) {
  return reviewsView(known, state.who, { decide });
}

async function ask() {
  const { body } = await get("/reviews");
  known.decided = (await get("/reviews?decided=true&limit=20")).body.reviews;
  Object.assign(known, { waiting: body.reviews, kinds: body.four_eyes });
}

async function decide(number, way, why) {
  const { refused } = await post(`/reviews/${number}/${way}`, { why });
  known.said = refused ? { number, refused } : null;
  if (!refused) await ask();
  redraw();
}
