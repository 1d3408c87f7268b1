// All batches.

import { redraw } from "../shell/redraw.js";
import { Lost } from "../server/client.js";
import { BatchPages } from "./pages.js";
import { batchesView } from "./view.js";

const EVERY_MS = 5000;
const pages = new BatchPages();
let chosen = [];
let month = "";

export function asks(route) {
  pages.find(route.query);
  return [[() => pages.refresh(), EVERY_MS]];
}

export function view(state) {
  return batchesView(state.route, pages, chosen, { more, choose, clear, month, exportMonth });
}

/** A batch is chosen to be compared, or no longer; of three the last two count. */
function choose(id) {
  chosen = chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id].slice(-2);
  redraw();
}

function exportMonth(said) {
  month = said;
  redraw();
}

function clear() {
  chosen = [];
  redraw();
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
