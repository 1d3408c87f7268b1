// uPlot, fetched the first time somebody opens a curve.

import { unit } from "../i18n/numbers.js";
import { clock, clockSeconds, dayText, moment, siteZone } from "../i18n/times.js";
import { columnsOf } from "./curves.js";
import { COLOURS } from "./gauges.js";
import { drawMarks } from "./marks.js";

const HEIGHT = 190;
const DAY_S = 86400;
const STEPS_S = [60, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400];
let loading = null;

function plotter() {
  if (!loading) {
    const sheet = document.createElement("link");
    sheet.rel = "stylesheet";
    sheet.href = "vendor/uplot/uPlot.min.css";
    document.head.append(sheet);
    loading = new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = "vendor/uplot/uPlot.iife.min.js";
      script.onload = () => done(window.uPlot);
      script.onerror = () => {
        loading = null;
        failed(new Error("uPlot did not load"));
      };
      document.head.append(script);
    });
  }
  return loading;
}

/** What a plot's element does when it is born, refreshed and gone. `drawn` = {shape, marks, elapsed},
 *  elapsed being where batches that are laid over one another start [ms], if they are;
 *  `zoom(from, to)` [ms] is told what somebody drew over. */
export function charted(drawn, gauge, zoom) {
  const build = async (el) => {
    const Plot = await plotter();
    if (!el.isConnected || el.plot) return;
    el.readout = document.createElement("p");
    el.readout.className = "readout figure";
    el.append(el.readout);
    el.plot = new Plot(options(el, gauge, zoom), columnsOf(el.drawn.shape), el);
    el.watch = new ResizeObserver(() => el.plot?.setSize({ width: el.clientWidth, height: HEIGHT }));
    el.watch.observe(el);
  };
  return {
    born(el) {
      el.drawn = drawn;
      el.repaint = () => {
        drop(el);
        build(el);
      };
      document.addEventListener("themechange", el.repaint);
      build(el).catch(() => el.classList.add("plot-none"));
    },
    fresh(el) {
      if (el.drawn.shape === drawn.shape && el.drawn.marks === drawn.marks) return;
      el.drawn = drawn;
      if (el.plot) el.plot.setData(columnsOf(drawn.shape), true);
    },
    gone(el) {
      document.removeEventListener("themechange", el.repaint);
      drop(el);
    },
  };
}

function drop(el) {
  el.watch?.disconnect();
  el.readout?.remove();
  el.plot?.destroy();
  el.plot = null;
}

function options(el, gauge, zoom) {
  const colour = (token) => getComputedStyle(el).getPropertyValue(token).trim();
  const line = colour(`--${COLOURS[gauge.quantity]}`);
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
  return {
    width: el.clientWidth, height: HEIGHT,
    tzDate: (seconds) => window.uPlot.tzDate(new Date(seconds * 1000), siteZone()),
    cursor: { sync: { key: "machine" }, points: { size: 6 }, drag: { x: Boolean(zoom), y: false, setScale: false } },
    legend: { show: false },
    hooks: {
      setCursor: [(plot) => readOut(plot, el, unit(gauge.unit))],
      setSelect: [(plot) => selected(plot, zoom)],
      draw: [(plot) => drawMarks(plot, el.drawn.marks, colour)],
    },
    scales: {
      x: { time: true, range: () => [el.drawn.shape.from / 1000, el.drawn.shape.to / 1000] },
      y: { range: (plot, low, high) => [Math.min(0, low ?? 0), (high ?? 1) > 0 ? high * 1.12 : 1] },
    },
    axes: [
      { ...axis, values: (plot, ticks) => tickWords(plot, ticks, el.drawn.elapsed), space: 76, size: 32, ...sinceSplits(el.drawn.elapsed) },
      { ...axis, size: 56, space: 34 },
    ],
    bands: [{ series: [2, 1], fill: `${line}44` }],
    series: [
      {},
      { stroke: line, width: 1.4, fill: `${line}1c`, points: { show: false } },
      { stroke: line, width: 1.4, points: { show: false } },
      { stroke: colour("--ink"), width: 1.4, dash: [6, 4], points: { show: false } },
    ],
  };
}

/** Hours of a day, or days where the time is longer; of batches laid over one another, since their start. */
function tickWords(plot, ticks, elapsed) {
  if (elapsed) return ticks.map((second) => sinceStart(second - elapsed / 1000));
  const long = plot.scales.x.max - plot.scales.x.min > 2 * DAY_S;
  return ticks.map((second) => (long ? dayText(second * 1000).slice(5) : clock(second * 1000)));
}

/** Ticks at round times since the start of what is laid over one another. */
function sinceSplits(elapsed) {
  if (!elapsed) return {};
  const splits = (plot, axis, low, high) => {
    const start = elapsed / 1000;
    const step = STEPS_S.find((one) => (high - low) / one <= 8) || STEPS_S[STEPS_S.length - 1];
    const first = Math.ceil((low - start) / step);
    return Array.from({ length: Math.floor((high - start) / step) - first + 1 }, (_, i) => start + (first + i) * step);
  };
  return { splits };
}

function sinceStart(seconds) {
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)}:${String(Math.abs(minutes % 60)).padStart(2, "0")}`;
}

function selected(plot, zoom) {
  const { left, width } = plot.select;
  if (!zoom || width < 8) return;
  zoom(plot.posToVal(left, "x") * 1000, plot.posToVal(left + width, "x") * 1000);
}

/** Time and values under the cursor; nothing while it is elsewhere. */
function readOut(plot, el, unitText) {
  const { idx } = plot.cursor;
  const at = idx === null || idx === undefined ? null : plot.data[0][idx];
  const [low, high, beside] = at === null ? [] : [1, 2, 3].map((series) => plot.data[series][idx]);
  if (at === null || (low ?? beside ?? null) === null) {
    el.readout.textContent = "";
    return;
  }
  const text = (value) => Number(value.toPrecision(6));
  const values = low === undefined || low === null ? "–" : low === high ? text(low) : `${text(low)} … ${text(high)}`;
  const when = el.drawn.elapsed ? sinceStart(at - el.drawn.elapsed / 1000)
    : el.drawn.shape.to - el.drawn.shape.from > 2 * DAY_S * 1000 ? moment(new Date(at * 1000).toISOString()) : clockSeconds(at * 1000);
  el.readout.textContent = `${when}  ${values} ${unitText}${(beside ?? null) === null ? "" : `  (${text(beside)})`}`;
}
