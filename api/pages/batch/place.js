// One batch.

import { answer } from "../server/answer.js";
import { post, segment } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { routeNow } from "../shell/route.js";
import { batchView, viewAsked } from "./view.js";

const EVERY_MS = 5000;
const REVISIONS_MS = 30000;
const batch = { opened: null };

export function asks(route) {
  const wanted = [[() => ask(route, "footprint"), EVERY_MS], [() => ask(route, "revisions"), REVISIONS_MS], [() => ask(route, "words"), REVISIONS_MS]];
  if (route.query.get("line")) wanted.push([() => ask(route, "explain"), EVERY_MS]);
  return wanted;
}

export function view(state) {
  return batchView(state, batch.opened, { correct });
}

async function ask(route, what) {
  const { id, query } = route;
  const asked = viewAsked(route);
  const revision = what === "footprint" && query.get("revision") ? `&revision=${encodeURIComponent(query.get("revision"))}` : "";
  const found = await answer(() => `/batches/${segment(id)}/${what}${what === "words" ? "" : `?view=${asked}${revision}`}`);
  if (routeNow().id !== id) return;
  const before = batch.opened?.id === id ? batch.opened : { id };
  batch.opened = { ...before, ...TOLD[what](found, asked) };
}

// What an answer changes about the batch; one without a final revision has none to list.
const TOLD = {
  footprint: (found) => ({ footprint: found.body, refused: found.refused }),
  explain: (found, asked) => ({ explain: found.body, explainView: asked, explainRefused: found.refused }),
  revisions: (found) => ({ revisions: found.body?.revisions || [] }),
  words: (found) => ({ words: found.body?.words || [] }),
};

/** Somebody corrects what was entered; whether it was taken in. */
async function correct(given) {
  const route = routeNow();
  const { body, refused } = await post(`/batches/${segment(route.id)}/corrections`, given);
  batch.opened = { ...batch.opened, said: refused ? { refused } : body.review ? { waits: true } : { entered: true } };
  if (body) await Promise.all([ask(route, "words"), ask(route, "footprint")]);
  redraw();
  return Boolean(body);
}
