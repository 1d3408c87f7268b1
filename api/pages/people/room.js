// Who may come: people and keys, let in and taken back by an admin.

import { get, post } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { peopleView } from "./view.js";

const EVERY_MS = 10000;
const known = { people: null, keys: null, shown: null, refused: null };

export function enter() {
  Object.assign(known, { shown: null, refused: null });
}

export function asks() {
  return [[async () => {
    known.people = (await get("/people")).body.people;
    known.keys = (await get("/keys")).body.keys;
  }, EVERY_MS]];
}

export function view() {
  return peopleView(known, { say: tell, refused: known.refused });
}

/** Say something to the server; what it shows once (a code, a key) stays until one goes elsewhere. */
async function tell(path, said) {
  const { body, refused } = await post(path, said);
  known.refused = refused ? { path, problem: refused } : null;
  if (body?.code || body?.key) known.shown = body;
  if (body) {
    known.people = (await get("/people")).body.people;
    known.keys = (await get("/keys")).body.keys;
  }
  redraw();
  return !refused;
}
