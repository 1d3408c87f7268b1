// Instants in the site's time, by the zone the server names; UTC (and said so) until it did.

import { now } from "../server/clock.js";
import { language, say } from "./words.js";

let zone = "UTC";
const formats = new Map();

export function setZone(wanted) {
  try {
    new Intl.DateTimeFormat("en", { timeZone: wanted });
    zone = wanted;
  } catch {
    zone = "UTC";
  }
}

export function siteZone() {
  return zone;
}

function format(options) {
  const id = `${language()} ${zone} ${JSON.stringify(options)}`;
  if (!formats.has(id)) {
    const locale = language() === "zh" ? "zh-CN" : "en-GB";
    const fixed = { timeZone: zone, hourCycle: "h23", ...options };
    formats.set(id, new Intl.DateTimeFormat(locale, fixed));
  }
  return formats.get(id);
}

const CLOCK = { hour: "2-digit", minute: "2-digit" };

function dayOf(at) {
  return format({ year: "numeric", month: "2-digit", day: "2-digit" }).format(at);
}

function date(at) {
  const thisYear = format({ year: "numeric" });
  const known = now() !== null && thisYear.format(at) === thisYear.format(now());
  const year = known ? {} : { year: "numeric" };
  return format({ month: "short", day: "numeric", ...year }).format(at);
}

/** Hour and minute [site time]. */
export function clock(at) {
  return format(CLOCK).format(typeof at === "number" ? at : Date.parse(at));
}

/** Hour, minute and second [site time]. */
export function clockSeconds(at) {
  return format({ ...CLOCK, second: "2-digit" }).format(at);
}

/** Day and time: 2 Mar 11:12. */
export function moment(text) {
  const at = Date.parse(text || "");
  return Number.isNaN(at) ? "–" : `${date(at)} ${clock(at)}`;
}

/** 2 Mar 09:14 – 11:32; the day is repeated only when it changes. */
export function span(startText, endText) {
  const start = Date.parse(startText || "");
  const end = Date.parse(endText || "");
  if (Number.isNaN(start)) return "–";
  if (Number.isNaN(end)) return `${moment(startText)} – …`;
  const last = dayOf(start) === dayOf(end) ? clock(end) : moment(endText);
  return `${moment(startText)} – ${last}`;
}

/** Every digit of an instant, for explanations: 2026-03-02 11:12:40.120. */
export function instant(text) {
  const at = Date.parse(text || "");
  if (Number.isNaN(at)) return "–";
  const parts = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit",
    hour: "2-digit", minute: "2-digit", second: "2-digit",
  }).formatToParts(at);
  const part = Object.fromEntries(parts.map((p) => [p.type, p.value]));
  const fraction = /\.(\d+)/.exec(text)?.[1] || "";
  const rest = /^0*$/.test(fraction) ? "" : `.${fraction}`;
  return `${part.year}-${part.month}-${part.day} ${part.hour}:${part.minute}:${part.second}${rest}`;
}

/** The same, without the date where it is that of `beside`. */
export function instantBeside(text, beside) {
  const [day, time] = instant(text).split(" ");
  return time && instant(beside).startsWith(day) ? time : instant(text);
}

/** How long ago, in the largest useful unit. [s] */
export function ago(seconds) {
  if (seconds === null) return "";
  if (seconds < 60) return say("ago.seconds", Math.round(seconds));
  if (seconds < 3600) return say("ago.minutes", Math.round(seconds / 60));
  if (seconds < 172800) return say("ago.hours", Math.round(seconds / 3600));
  return say("ago.days", Math.round(seconds / 86400));
}

/** How long something took. */
export function lasting(startText, endText) {
  const minutes = Math.round((Date.parse(endText) - Date.parse(startText)) / 60000);
  if (!Number.isFinite(minutes)) return "";
  if (minutes < 60) return say("lasting.minutes", minutes);
  return say("lasting.hours", Math.floor(minutes / 60), minutes % 60);
}

/** The day of an instant at the site: 2026-03-02. */
export function dayText(at) {
  return instant(new Date(at).toISOString()).slice(0, 10);
}

/** When a day of the site begins [ms], or null for what is no day. */
export function dayStart(text) {
  return /^\d{4}-\d{2}-\d{2}$/.test(text || "") ? siteInstant(`${text}T00:00:00`) : null;
}

/** What a site's clock and calendar say ("2026-03-02T11:12") as an instant [ms], or null. */
export function siteInstant(text) {
  const utc = /T\d{2}:\d{2}/.test(text || "") ? Date.parse(`${text}Z`) : NaN;
  if (Number.isNaN(utc)) return null;
  const off = (at) => Date.parse(`${instant(new Date(at).toISOString()).replace(" ", "T")}Z`) - at;
  const first = utc - off(utc);
  return utc - off(first); // once more: the zone's offset may change between the two
}
