// The last two hours of each machine's power, a value a minute: fetched once in a while, and kept
// going by the live gauges in between.

import { now } from "../server/clock.js";
import { get, segment } from "../server/client.js";

export const WINDOW_MS = 2 * 3600000;
const MINUTE_MS = 60000;
const REFRESH_MS = 600000;
const histories = new Map();
const waiting = [];
let asking = false;

/** The power point of a machine, or null. */
export function powerGauge(machine) {
  return machine.gauges.find((gauge) => gauge.quantity === "power") || null;
}

/** Minutes and values `[[ms, value | null], …]` of the last two hours, oldest first. */
export function history(point) {
  const kept = histories.get(point);
  if (!kept) return [];
  const from = now() - WINDOW_MS;
  return [...kept.minutes].filter(([at]) => at >= from).sort((a, b) => a[0] - b[0]);
}

/** Take the live gauges in, and ask for the past of machines whose past is unknown or stale. */
export function follow(machines, told) {
  for (const machine of machines) {
    const gauge = powerGauge(machine);
    if (!gauge) continue;
    const kept = known(gauge.point);
    note(kept, gauge);
    if (now() - kept.askedAt > REFRESH_MS) {
      kept.askedAt = now();
      waiting.push(kept);
    }
  }
  askNext(told);
}

function known(point) {
  if (!histories.has(point)) histories.set(point, { point, minutes: new Map(), askedAt: -Infinity });
  return histories.get(point);
}

function note(kept, { at, value, quality }) {
  const stamped = Date.parse(at || "");
  if (Number.isNaN(stamped)) return;
  const minute = Math.floor(stamped / MINUTE_MS) * MINUTE_MS;
  kept.minutes.set(minute, quality === "bad" ? null : value);
  const oldest = now() - WINDOW_MS;
  for (const old of kept.minutes.keys()) if (old < oldest) kept.minutes.delete(old);
}

// One at a time: sixty machines on an old tablet shall not open sixty connections.
async function askNext(told) {
  if (asking || waiting.length === 0) return;
  asking = true;
  const kept = waiting.shift();
  try {
    for (const reading of await readings(kept.point)) note(kept, reading);
    told();
  } catch {
    // No curve until the next refresh: the machine's own figures are there all the same.
  }
  asking = false;
  askNext(told);
}

async function readings(point) {
  const query = new URLSearchParams({
    from: new Date(now() - WINDOW_MS).toISOString(), to: new Date(now()).toISOString(), every_s: MINUTE_MS / 1000,
  });
  return (await get(`/points/${segment(point)}/readings?${query}`)).body.readings;
}
