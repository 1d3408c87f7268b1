// All batches.

import { redraw } from "../shell/redraw.js";
import { Lost } from "../server/client.js";
import { BatchPages } from "./pages.js";
import { batchesView } from "./view.js";

const EVERY_MS = 5000;
const pages = new BatchPages();

export function asks(route) {
  pages.find(route.query);
  return [[() => pages.refresh(), EVERY_MS]];
}

export function view(state) {
  return batchesView(state.route, pages, more);
}

async function more() {
  redraw();
  try {
    await pages.more();
  } catch (fault) {
    if (!(fault instanceof Lost)) throw fault;
  }
  redraw();
}
