// First steps: from no meter at all to the first footprint.

import { get } from "../server/client.js";
import { startView } from "./view.js";

const EVERY_MS = 3000;
const known = { meters: null, machines: null, batches: null };

export function asks() {
  return [[async () => {
    known.meters = (await get("/meters")).body.meters;
    known.machines = (await get("/machines")).body.machines;
    known.batches = (await get("/batches?limit=20")).body.batches;
  }, EVERY_MS]];
}

export function view(state) {
  return startView(state.health, known);
}
