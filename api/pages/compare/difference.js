// What differs between two footprints, per accepted kilogram. Pure. The figures are for the eye:
// what is accounted stands exactly with each batch.

import { measure } from "../i18n/numbers.js";

/** Runs of both that did the same process: `[[run, run], …]`, the longest of each first. */
export function pairs(first, second) {
  const long = (run) => Date.parse(run.end || run.start) - Date.parse(run.start);
  const mine = (print) => [...print.runs].filter((run) => run.end).sort((a, b) => long(b) - long(a));
  const left = mine(second);
  const found = [];
  for (const run of mine(first)) {
    const i = left.findIndex((other) => other.process === run.process);
    if (i >= 0) found.push([run, left.splice(i, 1)[0]]);
  }
  return found;
}

/** Rows by process and carrier: `{process, carrier, unit, amounts, kgco2e, by}`, what differs most in
 *  kilograms first; amounts and kilograms per kg of each batch. */
export function differences(first, second) {
  const rows = new Map();
  [first, second].forEach((print, side) => {
    const kg = measure(print.accepted_kg);
    for (const { process, line } of linesOf(print)) {
      const key = JSON.stringify([process, line.carrier]);
      if (!rows.has(key)) rows.set(key, { process, carrier: line.carrier, unit: line.unit, amounts: [0, 0], kgco2e: [0, 0], lines: [[], []] });
      const row = rows.get(key);
      if (line.rule !== "distribution-loss") row.amounts[side] += (measure(line.amount) || 0) / kg;
      row.kgco2e[side] += (measure(line.kgco2e) || 0) / kg;
      row.lines[side].push(line.id);
    }
  });
  for (const row of rows.values()) row.by = row.kgco2e[0] - row.kgco2e[1];
  return [...rows.values()].sort((a, b) => Math.abs(b.by) - Math.abs(a.by) || Math.abs(ratio(b)) - Math.abs(ratio(a)));
}

/** By how much the first is above the second, as a part of it; null where there is nothing. */
export function ratio({ amounts: [one, other] }) {
  return other > 0 ? one / other - 1 : null;
}

function linesOf(print) {
  return [
    ...print.runs.flatMap((run) => run.lines.map((line) => ({ process: run.process, line }))),
    ...(print.idle || []).map((line) => ({ process: "standby", line })),
  ];
}
