// Where to save.

import { answer } from "../server/answer.js";
import { LONG_PATIENCE_MS } from "../server/client.js";
import { routeNow } from "../shell/route.js";
import { savings, spanAsked, SPANS } from "./view.js";

const EVERY_MS = 120000;
let told = null;

export function asks(route) {
  const id = spanAsked(route.query);
  return [[async () => {
    const found = await answer(`/savings?days=${SPANS[id]}`, LONG_PATIENCE_MS);
    if (spanAsked(routeNow().query) !== id) return;
    told = { id, body: found.body, refused: found.refused };
  }, EVERY_MS]];
}

export function view(state) {
  return savings(state.route, told?.id === spanAsked(state.route.query) ? told : null);
}
