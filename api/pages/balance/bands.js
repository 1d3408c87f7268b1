// What the server's bands are in the measure that the reader chose, and how nodes are called.

import { name } from "../dom/h.js";
import { measure, unit } from "../i18n/numbers.js";
import { say, word } from "../i18n/words.js";

const MOST_BATCHES = 12;
const SOLAR = "electricity_solar";
export const CARBON = "kgco2e";

/** The measures that a sheet can be looked at in: kilograms first, then each carrier. */
export function measures(flows) {
  const carriers = [...new Set(flows.map((band) => plainCarrier(band.carrier)))];
  return [CARBON, ...carriers.filter((carrier) => flows.some((band) => plainCarrier(band.carrier) === carrier && measure(band.amount) > 0))];
}

function plainCarrier(carrier) {
  return carrier === SOLAR ? "electricity" : carrier;
}

/** Bands with a `size` in that measure, few enough batches to read. */
export function bandsIn(flows, chosen) {
  const sized = flows.map((band) => ({ ...band, size: sizeOf(band, chosen) })).filter((band) => band.size > 0);
  return fewBatches(together(sized));
}

function sizeOf(band, chosen) {
  if (chosen === CARBON) return measure(band.kgco2e) ?? 0;
  return plainCarrier(band.carrier) === chosen ? measure(band.amount) ?? 0 : 0;
}

function together(bands) {
  const found = new Map();
  for (const band of bands) {
    const key = JSON.stringify([band.start, band.end, band.carrier]);
    const before = found.get(key);
    if (before) before.size += band.size;
    else found.set(key, { ...band });
  }
  return [...found.values()];
}

function fewBatches(bands) {
  const sizes = new Map();
  let rest = 0;
  for (const { end, size } of bands) {
    if (end.startsWith("batch:")) sizes.set(end, (sizes.get(end) || 0) + size);
    if (end.startsWith("batches:")) rest = Number(end.slice(8)) || 0;
  }
  const ranked = [...sizes.keys()].sort((a, b) => sizes.get(b) - sizes.get(a));
  const kept = new Set(ranked.slice(0, MOST_BATCHES));
  const others = `batches:${rest + ranked.length - kept.size}`;
  return together(bands.map((band) => {
    const one = band.end.startsWith("batches:") || (band.end.startsWith("batch:") && !kept.has(band.end));
    return one ? { ...band, end: others } : band;
  }));
}

/** A node in words: "grid", "Exhaust dyeing", "B2409", "12 more batches", "Standby". */
export function nodeWords(id) {
  const kind = id.slice(0, id.indexOf(":"));
  const own = id.slice(kind.length + 1);
  if (kind === "process") return word("process", own);
  if (kind === "batches") return say("balance.others", own);
  if (kind === "supply" || kind === "utility" || kind === "batch") return own;
  return word("account", kind);
}

export function nodeName(id) {
  return name(nodeWords(id));
}

/** The unit of a measure over these bands. */
export function unitOf(flows, chosen) {
  if (chosen === CARBON) return say("unit.co2e");
  return unit(flows.find((band) => plainCarrier(band.carrier) === chosen && band.unit)?.unit);
}
