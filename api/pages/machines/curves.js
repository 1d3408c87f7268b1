// Curves as the server outlines them: of each stretch of time the lowest and the highest value.

import { answer } from "../server/answer.js";
import { segment } from "../server/client.js";

const MOST = 900;

/** The curve of a point over a period; with `before` [ms] also the same so much earlier. */
export async function askCurve(point, { from, to }, before = 0) {
  const own = await shapeOf(point, from, to);
  if (!before) return own;
  const beside = await shapeOf(point, from - before, to - before);
  return { ...own, beside: moved(beside, before), complete: own.complete && beside.complete };
}

export async function shapeOf(point, from, to) {
  const query = new URLSearchParams({ from: new Date(from).toISOString(), to: new Date(to).toISOString(), most: MOST });
  const { body } = await answer(`/points/${segment(point)}/curve?${query}`);
  if (!body) return { from, to, step: 1, hole: 0, stretches: [], complete: true };
  return { from, to, step: body.step_ms, hole: Math.max(3 * body.every_ms, 2 * body.step_ms), stretches: body.stretches, complete: body.complete };
}

/** A shape laid so much later, to be drawn over another. */
export function moved(shape, by) {
  return { ...shape, from: shape.from + by, to: shape.to + by, stretches: shape.stretches.map(([at, low, high]) => [at + by, low, high]) };
}

/** Columns for a plot: seconds, lowest, highest, and what lies beside. A null ends a line where
 *  readings are missing; undefined is passed over. */
export function columnsOf(shape) {
  const rows = new Map();
  put(rows, shape, 0);
  if (shape.beside) put(rows, shape.beside, 2);
  const ats = [...rows.keys()].sort((a, b) => a - b);
  return [ats.map((at) => at / 1000), ...[0, 1, 2].map((column) => ats.map((at) => rows.get(at)[column]))];
}

function put(rows, { stretches, hole }, column) {
  let last = null;
  const row = (at) => {
    if (!rows.has(at)) rows.set(at, [undefined, undefined, undefined]);
    return rows.get(at);
  };
  for (const [at, low, high] of stretches) {
    if (last !== null && at - last > hole) {
      const gap = row(last + 1);
      gap[column] = null;
      if (column === 0) gap[1] = null;
    }
    const own = row(at);
    own[column] = column === 0 ? low : (low + high) / 2;
    if (column === 0) own[1] = high;
    last = at;
  }
}

/** The lowest and the highest of a shape, or null. */
export function extremes({ stretches }) {
  if (stretches.length === 0) return null;
  return [Math.min(...stretches.map(([, low]) => low)), Math.max(...stretches.map(([, , high]) => high))];
}
