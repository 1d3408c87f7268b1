// First steps: from no meter at all to the first footprint.

import { askFloor, floor } from "../hall/floor.js";
import { get } from "../server/client.js";
import { startView } from "./view.js";

const EVERY_MS = 3000;
const known = { meters: null, batches: null };

export function asks() {
  return [[async () => {
    known.meters = (await get("/meters")).body.meters;
    await askFloor();
    known.batches = (await get("/batches?limit=20")).body.batches;
  }, EVERY_MS]];
}

export function view(state) {
  return startView(state.health, { ...known, machines: floor.machines });
}
