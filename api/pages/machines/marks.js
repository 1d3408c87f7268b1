// Batches and steps drawn into a plot: a strip above for each batch, a thin line where a step begins.

import { say, word } from "../i18n/words.js";

const STRIP = 15; // of a batch, in CSS pixels
const ROOM = 34; // that a word needs
const LEAST = 8; // of a step, below which it is no more than noise

export function drawMarks(plot, marks, colour) {
  if (!marks) return;
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio || 1;
  const x = (text, otherwise) => Math.max(bbox.left, Math.min(bbox.left + bbox.width, text ? plot.valToPos(Date.parse(text) / 1000, "x", true) : otherwise));
  ctx.save();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = "top";
  ctx.textAlign = "left";
  ctx.setLineDash([]);
  for (const run of stays(marks.runs)) {
    const left = x(run.start);
    const right = x(run.end, bbox.left + bbox.width);
    ctx.fillStyle = colour("--mark");
    ctx.fillRect(left, bbox.top, Math.max(1, right - left - ratio), STRIP * ratio);
    wordIn(ctx, run.batch || "–", left, right, bbox.top + 2 * ratio, { ratio, ink: colour("--ink") });
  }
  marks.steps.forEach((step, i) => steps(plot, step, marks.steps[i + 1], x, { ratio, colour }));
  ctx.restore();
}

/** A batch's runs one after the other are one stay on the machine. */
function stays(runs) {
  const found = [];
  for (const run of runs) {
    const last = found[found.length - 1];
    if (last && last.batch === run.batch && last.end === run.start) last.end = run.end;
    else found.push({ ...run });
  }
  return found;
}

function steps(plot, step, next, x, { ratio, colour }) {
  const { ctx, bbox } = plot;
  if (!step.value) return;
  const left = x(step.at);
  const right = x(next?.at, bbox.left + bbox.width);
  if (right - left < LEAST * ratio) return;
  ctx.strokeStyle = colour("--line");
  ctx.beginPath();
  ctx.moveTo(left, bbox.top + STRIP * ratio);
  ctx.lineTo(left, bbox.top + bbox.height);
  ctx.stroke();
  const text = step.label ? word("step", step.label) : say("machine.step", step.value);
  wordIn(ctx, text, left, right, bbox.top + (STRIP + 3) * ratio, { ratio, ink: colour("--soft") });
}

function wordIn(ctx, text, left, right, top, { ratio, ink }) {
  if (right - left < ROOM * ratio) return;
  ctx.save();
  ctx.beginPath();
  ctx.rect(left, top - 2 * ratio, right - left - 3 * ratio, STRIP * ratio);
  ctx.clip();
  ctx.fillStyle = ink;
  ctx.fillText(text, left + 4 * ratio, top);
  ctx.restore();
}
