// The audit log: who changed what, from where, before and after, and why.

import { get } from "../server/client.js";
import { dayStart, dayText } from "../i18n/times.js";
import { redraw } from "../shell/redraw.js";
import { auditView } from "./view.js";

const EVERY_MS = 10000;
const DAY_MS = 86400000;
const log = { entries: null, next: null, asked: "" };

export function enter() {
  Object.assign(log, { entries: null, next: null, asked: "" });
}

export function asks(route) {
  return [[() => ask(route), EVERY_MS]];
}

export function view(state) {
  return auditView(state.route, log, { more });
}

/** The newest page, unless somebody reads on: what is older does not change. */
async function ask(route) {
  const asked = `/audit?${new URLSearchParams(sought(route.query))}`;
  if (log.asked === asked && log.older) return;
  const { body, next } = await get(asked);
  Object.assign(log, { entries: body.entries, next, asked, older: false });
}

function sought(query) {
  const found = { limit: "50" };
  for (const name of ["who", "subject"]) if (query.get(name)) found[name] = query.get(name);
  const [from, to] = [dayStart(query.get("from")), dayStart(query.get("to"))];
  if (from !== null) found.from = new Date(from).toISOString();
  if (to !== null) found.to = new Date(dayStart(dayText(to + 1.5 * DAY_MS))).toISOString();
  return found;
}

async function more() {
  if (!log.next) return;
  const { body, next } = await get(log.next);
  Object.assign(log, { entries: [...log.entries, ...body.entries], next, older: true });
  redraw();
}
