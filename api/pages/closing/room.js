// Months: what is final of one, closing it, and what waits for a decision afterwards.

import { answer } from "../server/answer.js";
import { now } from "../server/clock.js";
import { get, LONG_PATIENCE_MS, post, segment } from "../server/client.js";
import { dayText } from "../i18n/times.js";
import { redraw } from "../shell/redraw.js";
import { routeNow } from "../shell/route.js";
import { closingView } from "./view.js";

const MONTH_MS = 5000;
const CLOSED_MS = 30000;
const DAY_MS = 86400000;
const known = { month: null, told: null, refused: null, waiting: null, closed: null, said: null };

/** What was seen of a month before may have changed: who closes it sees how it is. */
export function enter() {
  Object.assign(known, { told: null, said: null });
}

export function asks(route) {
  return [
    [() => askMonth(route), MONTH_MS],
    [async () => { known.waiting = (await get("/restatements")).body.restatements; }, MONTH_MS],
    [async () => { known.closed = (await get("/periods")).body.periods; }, CLOSED_MS],
  ];
}

export function view({ route, who }) {
  const month = monthOf(route);
  return closingView(month, known.month === month ? known : { ...known, told: null, refused: null }, who, { close, decide });
}

/** The month of an address; where it names none, the one that was over last. */
function monthOf(route) {
  const said = route.query.get("month");
  if (said || now() === null) return said;
  const first = Date.parse(`${dayText(now()).slice(0, 7)}-01T00:00:00Z`);
  return new Date(first - DAY_MS).toISOString().slice(0, 7);
}

async function askMonth(route) {
  if (now() === null) await get("/site");
  const month = monthOf(route);
  const found = await answer(() => `/periods/${segment(month)}`, LONG_PATIENCE_MS);
  if (monthOf(routeNow()) === month) Object.assign(known, { month, told: found.body || null, refused: found.refused || null });
}

const close = (month, why) => tell("close", `/periods/${segment(month)}/close`, why);
const decide = (number, way, why) => tell(number, `/restatements/${number}/${way}`, why);

/** A named person says something; `about` is what it was about: `close` or a restatement. */
async function tell(about, path, why) {
  const { body, refused } = await post(path, { why });
  known.said = refused ? { about, refused } : { about, waits: Boolean(body.review) };
  if (body) {
    await askMonth(routeNow());
    known.waiting = (await get("/restatements")).body.restatements;
    known.closed = (await get("/periods")).body.periods;
  }
  redraw();
}
