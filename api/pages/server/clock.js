// What time it is at the server. The tablet's own clock is never asked: it may be hours off.

let offset = null;

/** The server said its time. [RFC 3339] */
export function heard(nowText) {
  const said = Date.parse(nowText);
  if (!Number.isNaN(said)) offset = said - performance.now();
}

/** The server's time [ms since 1970], or null before it was ever heard. */
export function now() {
  return offset === null ? null : offset + performance.now();
}

/** Age of something stamped `at` [s], never negative; null if unknown. */
export function age(at) {
  const stamped = Date.parse(at || "");
  if (offset === null || Number.isNaN(stamped)) return null;
  return Math.max(0, (now() - stamped) / 1000);
}
