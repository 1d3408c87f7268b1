// Which article, and over which days, an address asks for.

import { dayStart, dayText } from "../i18n/times.js";
import { segment } from "../server/client.js";

const DAY_MS = 86400000;

/** The instants of the days in an address: `{from, to}`; empty where it names none. */
export function daysOf(query) {
  const from = dayStart(query.get("from"));
  const last = dayStart(query.get("to"));
  if (from === null || last === null || last < from) return {};
  return { from: new Date(from).toISOString(), to: new Date(dayStart(dayText(last + 1.5 * DAY_MS))).toISOString() };
}

/** What the server is asked for a route. */
export function pathOf({ query }) {
  const days = String(new URLSearchParams(daysOf(query)));
  return `/articles/${segment(query.get("article") || "")}/declared${days ? `?${days}` : ""}`;
}
