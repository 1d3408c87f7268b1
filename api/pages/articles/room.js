// Articles: what is declared of each over twelve months or other days, and why not.

import { answer } from "../server/answer.js";
import { get, LONG_PATIENCE_MS, post } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { routeNow } from "../shell/route.js";
import { articleView, listView } from "./view.js";
import { pathOf } from "./asked.js";

const EVERY_MS = 60000;
const known = { articles: null, key: null, told: null, refused: null, said: null };

export function enter() {
  known.said = null;
}

export function asks(route) {
  const article = route.query.get("article");
  return [[article ? () => askDeclared(route) : askList, EVERY_MS]];
}

export function view({ route }) {
  const article = route.query.get("article");
  if (!article) return listView(known.articles);
  return articleView(route, known.key === pathOf(route) ? known : { told: null }, { estimate });
}

async function askList() {
  known.articles = (await get("/articles")).body.articles;
}

async function askDeclared(route) {
  const path = pathOf(route);
  const found = await answer(path, LONG_PATIENCE_MS);
  if (pathOf(routeNow()) !== path) return;
  Object.assign(known, { key: path, told: found.body || null, refused: found.refused || null });
}

/** Somebody says what it may come to that is left out. */
async function estimate(said) {
  const found = await post("/exemptions", said);
  known.said = found.refused ? { refused: found.refused } : { entered: true };
  if (!found.refused) await askDeclared(routeNow());
  redraw();
  return !found.refused;
}
