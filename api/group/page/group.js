// The group's page: asks the centre for its mills, and for an article's batches when it is opened.

import { render } from "/pages/dom/patch.js";
import { preferredLanguage, say, speak } from "/pages/i18n/words.js";
import { get, KeyNeeded, Lost, segment } from "/pages/server/client.js";
import { keep, kept } from "/pages/server/keeping.js";
import { takeKey } from "/pages/shell/route.js";
import { turnTheme } from "/pages/shell/theme_choice.js";
import { page } from "./view.js";

const EVERY_MS = 60000;
const root = document.getElementById("page");
/** `opened` has the batches of each opened article, by mill and article; null while they come. */
const state = { mills: null, opened: new Map(), lost: false, keyNeeded: false, keyRefused: false };
const does = { useKey, open, language: turnLanguage, theme: turn, retry: ask };

function draw() {
  render(root, page(state, does));
  document.title = `${say("group.title")} · millprint`;
}

/** Ask for something, and draw what came of it. */
async function asked(work) {
  try {
    await work();
    Object.assign(state, { lost: false, keyNeeded: false, keyRefused: false });
  } catch (fault) {
    if (fault instanceof KeyNeeded) Object.assign(state, { keyNeeded: true, keyRefused: kept("key") !== null });
    else if (fault instanceof Lost) state.lost = true;
    else throw fault;
  } finally {
    draw();
  }
}

function ask() {
  return asked(async () => {
    state.mills = (await get("/group/mills")).body.mills;
    for (const [key, { mill, article }] of state.opened) state.opened.set(key, await batchesOf(mill, article));
  });
}

async function batchesOf(mill, article) {
  const path = `/group/mills/${segment(mill)}/batches?article=${encodeURIComponent(article)}`;
  return { mill, article, batches: (await get(path)).body.batches };
}

/** Open an article's batches, or close them. */
function open(key, mill, article) {
  if (state.opened.delete(key)) return draw();
  state.opened.set(key, { mill, article, batches: null });
  draw();
  return asked(async () => {
    const found = await batchesOf(mill, article);
    if (state.opened.has(key)) state.opened.set(key, found);
  });
}

function useKey(key) {
  keep("key", key);
  return ask();
}

async function turnLanguage(language) {
  await speak(language, { remember: true });
  draw();
}

function turn() {
  turnTheme();
  draw();
}

takeKey();
addEventListener("hashchange", () => takeKey() && ask());
await speak(preferredLanguage());
draw();
await ask();
setInterval(ask, EVERY_MS);
