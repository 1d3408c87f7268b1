// Puts the rooms together: where the reader is decides what is asked for and what is drawn.

import { BatchPages } from "./batches/pages.js";
import { batchesView } from "./batches/view.js";
import { balanceView, spanAsked, SPANS as BALANCE_SPANS } from "./balance/view.js";
import { batchView, viewAsked } from "./batch/view.js";
import { h } from "./dom/h.js";
import { render } from "./dom/patch.js";
import { setZone } from "./i18n/times.js";
import { preferredLanguage, say, speak } from "./i18n/words.js";
import { hall } from "./machines/hall.js";
import { follow, readings } from "./machines/histories.js";
import { machineView, SPANS } from "./machines/machine.js";
import { get, KeyNeeded, Lost, Refused, segment } from "./server/client.js";
import { now } from "./server/clock.js";
import { keep, kept } from "./server/keeping.js";
import { askAllNow, connectionLost, keyWanted, Poll } from "./server/polling.js";
import { frame } from "./shell/frame.js";
import { keyForm } from "./shell/key_form.js";
import { routeNow, takeKey } from "./shell/route.js";
import { emptiness, refusal } from "./shell/said_no.js";
import { turnTheme } from "./shell/theme_choice.js";

const MACHINES_MS = 2000;
const BATCHES_MS = 5000;
const CHARTS_MS = 15000;
const BALANCE_MS = 30000;
const HEALTH_MS = 10000;
const CHART_POINTS = 480;

const root = document.getElementById("page");
const state = {
  route: null, lost: false, keyNeeded: false, keyRefused: false,
  site: null, health: null, machines: null, batches: new BatchPages(),
  opened: null, balance: null, charts: new Map(),
};

let polls = [];
let drawing = false;

function draw() {
  if (drawing) return;
  drawing = true;
  requestAnimationFrame(() => {
    drawing = false;
    state.lost = connectionLost();
    state.keyNeeded = keyWanted();
    const shown = state.keyNeeded ? keyForm(state.keyRefused, useKey) : view();
    render(root, frame(state, shown, { language: turnLanguage, theme: turn, retry: askAllNow }));
    document.title = title();
  });
}

function title() {
  const { place, id } = state.route;
  const where = id || say(`nav.${place || "now"}`);
  return `${where} · millprint`;
}

function view() {
  const { place, id } = state.route;
  if (polls[0].refused) return refusal(polls[0].refused);
  if (place === "" || (place === "machines" && !id)) return hall(state);
  if (place === "machines") return machineView(state);
  if (place === "batches" && id) return batchView(state);
  if (place === "batches") return batchesView(state, more);
  if (place === "balance") return balanceView(state);
  return emptiness("no-place", say("refused.notfound"), location.hash);
}

// What each place asks for, and how often.
function wanted() {
  const { place, id } = state.route;
  const machines = [askMachines, MACHINES_MS];
  const batches = [askBatches, BATCHES_MS];
  if (place === "" || (place === "machines" && !id)) return [machines, batches];
  if (place === "machines") return [machines, [askCharts, CHARTS_MS]];
  if (place === "batches" && id) return [[askOpened, BATCHES_MS], [askExplain, BATCHES_MS]];
  if (place === "batches") return [batches];
  if (place === "balance") return [[askBalance, BALANCE_MS]];
  return [];
}

function told(fault) {
  if (fault instanceof KeyNeeded) state.keyRefused = kept("key") !== null;
  else if (fault && !(fault instanceof Lost) && !(fault instanceof Refused)) console.error(fault);
  draw();
}

function start(asked) {
  const lost = connectionLost();
  for (const poll of polls) poll.stop();
  polls = [...asked, [askSite, HEALTH_MS], [askHealth, HEALTH_MS]].map(([work, ms]) => new Poll(work, ms, told, lost));
  for (const poll of polls) poll.start();
}

async function askSite() {
  if (state.site) return;
  state.site = (await get("/site")).body;
  setZone(state.site.timezone);
}

async function askHealth() {
  state.health = (await get("/health")).body;
}

async function askMachines() {
  state.machines = (await get("/machines")).body.machines;
  follow(state.machines, draw);
}

async function askBatches() {
  await state.batches.refresh();
}

/** The answer, or `{refused}` where the server says no: that is something to show, not a fault. */
async function answer(path) {
  try {
    return { body: (await get(path)).body };
  } catch (fault) {
    if (fault instanceof Refused) return { refused: fault.problem };
    throw fault;
  }
}

async function askOpened() {
  const { id } = state.route;
  const asked = viewAsked(state.route);
  const found = await answerFor(id, `footprint?view=${asked}`);
  if (state.route.id !== id || viewAsked(state.route) !== asked) return;
  const before = state.opened?.id === id ? state.opened : { id };
  state.opened = { ...before, footprint: found.body, refused: found.refused };
}

async function askExplain() {
  const { id, query } = state.route;
  if (!query.get("line")) return;
  const asked = viewAsked(state.route);
  const found = await answerFor(id, `explain?view=${asked}`);
  if (state.route.id !== id || viewAsked(state.route) !== asked) return;
  const before = state.opened?.id === id ? state.opened : { id };
  state.opened = { ...before, explain: found.body, explainView: asked, explainRefused: found.refused };
}

function answerFor(id, what) {
  try {
    return answer(`/batches/${segment(id)}/${what}`);
  } catch (fault) {
    return Promise.resolve({ refused: fault.problem });
  }
}

async function askBalance() {
  const span = spanAsked(state.route);
  if (now() === null) await get("/machines");
  const to = now();
  const from = to - BALANCE_SPANS[span] * 3600000;
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString() });
  const found = await answer(`/balance?${query}`);
  if (spanAsked(state.route) === span) state.balance = { span, sheet: found.body, refused: found.refused };
}

async function askCharts() {
  const { id, query } = state.route;
  if (!state.machines) await askMachines();
  const machine = state.machines.find((one) => one.id === id);
  const hours = SPANS[query.get("span")] || SPANS["2h"];
  const until = now();
  const from = until - hours * 3600000;
  for (const gauge of machine?.gauges || []) {
    const drawn = { from, to: until, readings: [] };
    try {
      drawn.readings = await readings(gauge.point, from, until, CHART_POINTS);
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
    }
    if (state.route.id === id) state.charts.set(gauge.point, drawn);
    draw();
  }
}

async function more() {
  draw();
  try {
    await state.batches.more();
  } catch (fault) {
    told(fault);
  }
  draw();
}

function useKey(key) {
  keep("key", key);
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
  state.route = routeNow();
  const moved = !before || before.place !== state.route.place || before.id !== state.route.id;
  if (moved) state.charts.clear();
  start(wanted());
  draw();
  if (!before || !moved) return;
  requestAnimationFrame(() => {
    scrollTo(0, 0);
    root.querySelector("h1")?.focus({ preventScroll: true });
  });
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

speak(preferredLanguage()).then(arrive, () => {
  const text = "millprint: the page did not load completely. Reload it. 页面未完全加载，请刷新。";
  render(root, h("p", { class: "empty" }, text));
});
