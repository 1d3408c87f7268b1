// One batch.

import { answer } from "../server/answer.js";
import { segment } from "../server/client.js";
import { batchView, viewAsked } from "./view.js";

const EVERY_MS = 5000;
const batch = { opened: null };

export function asks(route) {
  const wanted = [[() => ask(route, "footprint"), EVERY_MS]];
  if (route.query.get("line")) wanted.push([() => ask(route, "explain"), EVERY_MS]);
  return wanted;
}

export function view(state) {
  return batchView(state, batch.opened);
}

async function ask(route, what) {
  const { id } = route;
  const asked = viewAsked(route);
  const found = await answerFor(id, `${what}?view=${asked}`);
  const before = batch.opened?.id === id ? batch.opened : { id };
  const told = what === "footprint"
    ? { footprint: found.body, refused: found.refused }
    : { explain: found.body, explainView: asked, explainRefused: found.refused };
  batch.opened = { ...before, ...told };
}

function answerFor(id, what) {
  try {
    return answer(`/batches/${segment(id)}/${what}`);
  } catch (fault) {
    return Promise.resolve({ refused: fault.problem });
  }
}
