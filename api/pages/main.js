// Puts the rooms together: where the reader is decides what is asked for and what is drawn.

import { h } from "./dom/h.js";
import { render } from "./dom/patch.js";
import { door } from "./door/view.js";
import { setZone } from "./i18n/times.js";
import { preferredLanguage, say, speak } from "./i18n/words.js";
import { get, KeyNeeded, leave, Lost, Refused } from "./server/client.js";
import { keep, kept } from "./server/keeping.js";
import { askAllNow, connectionLost, keyWanted, Poll } from "./server/polling.js";
import { frame } from "./shell/frame.js";
import { roomOf } from "./shell/places.js";
import { drawBy, redraw } from "./shell/redraw.js";
import { routeNow, takeKey } from "./shell/route.js";
import { emptiness, refusal, waiting } from "./shell/said_no.js";
import { turnTheme } from "./shell/theme_choice.js";

const SITE_MS = 60000;
const HEALTH_MS = 10000;

const root = document.getElementById("page");
const state = { route: null, lost: false, keyNeeded: false, keyRefused: false, site: null, health: null, who: null };

const always = [[askSite, SITE_MS], [askWho, SITE_MS], [askHealth, HEALTH_MS]].map(([work, ms]) => new Poll(work, ms, told));
let polls = [];
let room = null;
let drawing = false;

function draw() {
  if (drawing || !state.route) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    state.lost = connectionLost();
    state.keyNeeded = keyWanted();
    const shown = state.keyNeeded ? door(state.keyRefused, { useKey, come }) : view();
    render(root, frame(state, shown, { language: turnLanguage, theme: turn, retry: askAllNow, leave: go }));
    document.title = `${state.route.id || (room ? say(`nav.${state.route.place || "hall"}`) : say("refused.notfound"))} · millprint`;
  });
}
drawBy(draw);

function view() {
  if (room === null) return emptiness("no-place", say("refused.notfound"), location.hash);
  if (room instanceof Promise) return waiting();
  if (polls[0]?.refused) return refusal(polls[0].refused);
  return room.view(state);
}

function told(fault) {
  if (fault instanceof KeyNeeded) state.keyRefused = kept("key") !== null;
  else if (fault && !(fault instanceof Lost) && !(fault instanceof Refused)) console.error(fault);
  draw();
}

function start(asked) {
  const lost = connectionLost();
  for (const poll of polls) poll.stop();
  polls = asked.map(([work, ms]) => new Poll(work, ms, told, lost));
  for (const poll of polls) poll.start();
}

async function askSite() {
  state.site = (await get("/site")).body;
  setZone(state.site.timezone);
}

async function askHealth() {
  state.health = (await get("/health")).body;
}

async function askWho() {
  state.who = (await get("/session")).body;
}

function useKey(key) {
  keep("key", key);
  askAllNow();
}

// A key that this browser kept would speak for somebody else than who signed in.
function come() {
  keep("key", null);
  askAllNow();
}

async function go() {
  await leave();
  state.who = null;
  askAllNow();
}

async function turnLanguage(lang) {
  await speak(lang, { remember: true });
  draw();
}

function turn() {
  turnTheme();
  draw();
}

// A new place moves the focus to its title, so that a screen reader says where one is.
function arrive() {
  takeKey();
  const before = state.route;
  const route = (state.route = routeNow());
  const moved = !before || before.place !== route.place || before.id !== route.id;
  enter(roomOf(route), route, moved);
  draw();
  if (!before || !moved) return;
  requestAnimationFrame(() => {
    scrollTo(0, 0);
    root.querySelector("h1")?.focus({ preventScroll: true });
  });
}

function enter(found, route, moved) {
  room = found;
  if (found instanceof Promise) {
    start([]);
    found.then((place) => {
      if (state.route === route) enter(place, route, moved);
      redraw();
    }, () => {
      setTimeout(() => state.route === route && arrive(), 3000);
    });
    return;
  }
  if (moved && found?.enter) found.enter(route);
  start(found ? found.asks(route) : []);
}

addEventListener("hashchange", () => {
  const next = routeNow();
  const within = state.route?.place === next.place && state.route?.id === next.id;
  if (!history.state) history.replaceState({ within }, "");
  arrive();
});

setInterval(() => {
  if (!document.hidden) draw();
}, 1000);

function open() {
  arrive();
  for (const poll of always) poll.start();
}

speak(preferredLanguage()).then(open, () => {
  const text = "millprint: the page did not load completely. Reload it. 页面未完全加载，请刷新。";
  render(root, h("p", { class: "empty" }, text));
});
