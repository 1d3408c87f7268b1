// One batch.

import { answer } from "../server/answer.js";
import { segment } from "../server/client.js";
import { routeNow } from "../shell/route.js";
import { batchView, viewAsked } from "./view.js";

const EVERY_MS = 5000;
const REVISIONS_MS = 30000;
const batch = { opened: null };

export function asks(route) {
  const wanted = [[() => ask(route, "footprint"), EVERY_MS], [() => ask(route, "revisions"), REVISIONS_MS]];
  if (route.query.get("line")) wanted.push([() => ask(route, "explain"), EVERY_MS]);
  return wanted;
}

export function view(state) {
  return batchView(state, batch.opened);
}

async function ask(route, what) {
  const { id, query } = route;
  const asked = viewAsked(route);
  const revision = what === "footprint" && query.get("revision") ? `&revision=${encodeURIComponent(query.get("revision"))}` : "";
  const found = await answer(() => `/batches/${segment(id)}/${what}?view=${asked}${revision}`);
  if (routeNow().id !== id) return;
  const before = batch.opened?.id === id ? batch.opened : { id };
  batch.opened = { ...before, ...TOLD[what](found, asked) };
}

// What an answer changes about the batch; one without a final revision has none to list.
const TOLD = {
  footprint: (found) => ({ footprint: found.body, refused: found.refused }),
  explain: (found, asked) => ({ explain: found.body, explainView: asked, explainRefused: found.refused }),
  revisions: (found) => ({ revisions: found.body?.revisions || [] }),
};
