// The places of the site. Each room has a `place.js` that says what it asks the server for, how
// often, and what is drawn; rooms that few visits need are fetched when somebody goes there.

import * as hall from "../hall/place.js";
import * as batches from "../batches/place.js";

const ROOMS = {
  "": hall,
  batches,
  batch: () => import("../batch/place.js"),
  machine: () => import("../machines/place.js"),
  compare: () => import("../compare/place.js"),
  balance: () => import("../balance/place.js"),
  save: () => import("../save/place.js"),
  office: () => import("../office/place.js"),
  health: () => import("../health/place.js"),
  start: () => import("../start/place.js"),
  meter: () => import("../meters/place.js"),
};
const NAMES = { "": "", machines: "", batches: "batches", balance: "balance", save: "save", office: "office", health: "health", start: "start" };
const ONE = { machines: "machine", batches: "batch", compare: "compare", meters: "meter" };
const fetched = new Map();

/** The room that a route leads to: its place, a promise of it, or null where there is none. */
export function roomOf(route) {
  const id = route.id && route.place in ONE ? ONE[route.place] : NAMES[route.place];
  const room = ROOMS[id];
  if (id === undefined) return null;
  if (typeof room !== "function") return room;
  if (!fetched.has(id)) fetched.set(id, load(id, room));
  return fetched.get(id);
}

// What was fetched stands there at once the next time; what failed is tried again.
async function load(id, room) {
  try {
    const place = await room();
    fetched.set(id, place);
    return place;
  } catch (fault) {
    fetched.delete(id);
    throw fault;
  }
}
