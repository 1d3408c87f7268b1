// Health: what feeds the ledger, and what to do where something is wrong.

import { get } from "../server/client.js";
import { healthView } from "./view.js";

const PROBLEMS_MS = 10000;
const METERS_MS = 20000;
const health = { problems: null, meters: null };

export function asks() {
  return [
    [async () => { health.problems = (await get("/problems")).body.problems; }, PROBLEMS_MS],
    [async () => { health.meters = (await get("/meters")).body.meters; }, METERS_MS],
  ];
}

export function view(state) {
  return healthView(state.health, health);
}
