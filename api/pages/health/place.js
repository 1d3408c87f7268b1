// Health: what feeds the ledger, and what to do where something is wrong.

import { healthView } from "./view.js";

export function asks() {
  return [];
}

export function view(state) {
  return healthView(state.health);
}
