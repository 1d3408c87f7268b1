// uPlot, fetched the first time somebody opens a machine.

import { unit } from "../i18n/numbers.js";
import { clock, clockSeconds, siteZone } from "../i18n/times.js";

const HEIGHT = 170;
const COLOURS = {
  power: "--electricity", steam_flow: "--steam", water_flow: "--water", gas_flow: "--natural_gas",
  bath_temperature: "--bath", other: "--soft",
};
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

/** What a plot's element does when it is born, refreshed and gone. `drawn` = {readings, from, to}. */
export function charted(drawn, gauge) {
  const columns = () => withHoles(drawn);
  const build = async (el) => {
    const Plot = await plotter();
    if (!el.isConnected || el.plot) return;
    el.readout = document.createElement("p");
    el.readout.className = "readout figure";
    el.append(el.readout);
    el.plot = new Plot(options(el, gauge), columns(), el);
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
      if (el.drawn === drawn) return;
      el.drawn = drawn;
      if (el.plot) el.plot.setData(columns(), true);
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

function options(el, gauge) {
  const colour = (token) => getComputedStyle(el).getPropertyValue(token).trim();
  const line = colour(COLOURS[gauge.quantity] || "--soft");
  const axis = { stroke: colour("--soft"), grid: { stroke: colour("--line"), width: 1 },
    ticks: { stroke: colour("--line"), width: 1 }, font: "12px system-ui, sans-serif" };
  const UPlot = window.uPlot;
  return {
    width: el.clientWidth, height: HEIGHT,
    tzDate: (seconds) => UPlot.tzDate(new Date(seconds * 1000), siteZone()),
    cursor: { sync: { key: "machine" }, points: { size: 6 }, drag: { x: false, y: false } },
    legend: { show: false },
    hooks: { setCursor: [(plot) => readOut(plot, el.readout, unit(gauge.unit))] },
    scales: {
      x: { time: true, range: () => [el.drawn.from / 1000, el.drawn.to / 1000] },
      y: { range: (plot, low, high) => [Math.min(0, low ?? 0), (high ?? 1) > 0 ? high * 1.08 : 1] },
    },
    axes: [
      { ...axis, values: (plot, ticks) => ticks.map((s) => clock(s * 1000)), space: 70, size: 32 },
      { ...axis, size: 52, space: 34 },
    ],
    series: [
      {},
      { stroke: line, width: 1.8, fill: `${line}22`, points: { show: false } },
    ],
  };
}

/** Columns of seconds and values, with a null where readings are missing: the line stops there. */
function withHoles({ readings }) {
  const seconds = [];
  const values = [];
  const stamps = readings.map((reading) => Date.parse(reading.at) / 1000);
  const steps = stamps.slice(1).map((at, i) => at - stamps[i]).sort((a, b) => a - b);
  const hole = Math.max(60, 3 * (steps[Math.floor(steps.length / 2)] || 0));
  for (const [i, reading] of readings.entries()) {
    const at = stamps[i];
    const last = seconds[seconds.length - 1];
    if (last !== undefined && at - last > hole) {
      seconds.push((last + at) / 2);
      values.push(null);
    }
    seconds.push(at);
    values.push(reading.quality === "bad" ? null : reading.value);
  }
  return [seconds, values];
}

/** Time and value under the cursor; nothing while it is elsewhere. */
function readOut(plot, readout, unitText) {
  const { idx } = plot.cursor;
  const value = idx === null || idx === undefined ? null : plot.data[1][idx];
  readout.textContent = value === null || value === undefined
    ? "" : `${clockSeconds(plot.data[0][idx] * 1000)}  ${value} ${unitText}`;
}
