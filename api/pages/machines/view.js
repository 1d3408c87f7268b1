// A machine opened: its gauges as curves over any time, from a year down to seconds.

import { h, name } from "../dom/h.js";
import { figures, unit } from "../i18n/numbers.js";
import { span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { dataAge, stateLamp, work } from "../hall/tile.js";
import { periodChoice } from "../shell/period.js";
import { emptiness, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { charted } from "./charts.js";
import { extremes } from "./curves.js";
import { gaugeLabel, inOrder } from "./gauges.js";

export const CHOICES = ["1h", "8h", "24h", "7d", "30d", "365d"];
export const USUAL = "8h";
const LEAST_MS = 10000;

export function machineView(route, floor, told) {
  const query = Object.fromEntries(route.query);
  const go = (changed) => to("machines", route.id, { ...query, ...changed });
  const back = h("p", { class: "back" }, h("a", { href: to("") }, `← ${say("nav.hall")}`));
  const title = h("h1", { class: "wrap", tabindex: "-1" }, name(route.id));
  if (!floor.machines) return [back, h("div", { class: "section-head" }, title), waiting()];
  const machine = floor.machines.find((one) => one.id === route.id);
  if (!machine) return [back, h("div", { class: "section-head" }, title), emptiness("no-machine", say("machine.unknown"), route.id)];
  return [
    back,
    h("div", { class: "section-head" }, title, stateLamp(machine.state), dataAge(machine), periodChoice(route.query, CHOICES, USUAL, go)),
    work(machine),
    told ? strip(query, told.period, go) : null,
    h("div", { id: "charts", class: "charts" }, inOrder(machine.gauges).map((gauge) => chart(gauge, told, go))),
    told?.marks ? runList(told.marks.runs) : null,
  ];
}

/** Which time is shown, the times around it, and the same time before laid under it. */
function strip(query, period, go) {
  const { from, to: until } = period;
  const long = until - from;
  const at = (start, end) => go({ span: null, from: new Date(start).toISOString(), to: new Date(end).toISOString() });
  const beside = query.beside === "before";
  return h("div", { class: "strip" },
    h("a", { class: "button", href: at(from - long, from), "aria-label": say("span.earlier"), "data-testid": "earlier" }, "←"),
    h("span", { class: "figure", "data-testid": "shown-period" }, span(new Date(from).toISOString(), new Date(until).toISOString())),
    h("a", { class: "button", href: at(until, until + long), "aria-label": say("span.later") }, "→"),
    h("a", { class: "button", href: at(from - long, until + long), "data-testid": "zoom-out" }, say("span.out")),
    h("a", { class: `button ${beside ? "chosen" : ""}`, href: go({ beside: beside ? null : "before" }), "data-testid": "beside" }, say("span.before")),
    h("span", { class: "soft small-note" }, say("span.draw")));
}

function chart(gauge, told, go) {
  const shape = told?.curves.get(gauge.point);
  const label = `${gaugeLabel(gauge)} [${unit(gauge.unit)}]`;
  const found = shape && extremes(shape);
  const zoom = (from, until) => {
    if (until - from >= LEAST_MS) location.hash = go({ span: null, from: new Date(from).toISOString(), to: new Date(until).toISOString() });
  };
  const source = shape && to("meters", gauge.point, { from: new Date(shape.from).toISOString(), to: new Date(shape.to).toISOString() });
  return h("section", { key: gauge.point, class: "card chart", "data-testid": "chart", "data-point": gauge.point },
    h("h2", {}, name(gaugeLabel(gauge)), h("span", { class: "soft" }, ` ${unit(gauge.unit)}`),
      source ? h("a", { class: "source", href: source, "data-testid": "chart-source" }, say("chart.readings")) : null,
      h("span", { class: "chart-now figure" }, gauge.value === null ? "–" : figures(gauge.value, 3))),
    found || shape?.beside?.stretches.length
      ? h("div", { key: gauge.point, class: "plot", role: "img", "aria-label": found ? say("chart.spoken", label, figures(found[0], 3), figures(found[1], 3)) : label,
        life: charted({ shape, marks: told.marks }, gauge, zoom) })
      : h("p", { class: "soft plot plot-none" }, shape?.complete ? say("curve.none") : say("waiting")),
    shape && !shape.complete ? h("p", { class: "soft small-note", role: "status" }, say("chart.coming")) : null);
}

function runList(runs) {
  if (runs.length === 0) return null;
  return h("section", { id: "runs", class: "card" }, h("h2", {}, say("nav.batches")),
    h("ul", { class: "run-list" }, [...runs].reverse().slice(0, 60).map((run) => h("li", { key: run.id },
      h("a", { href: to("batches", run.batch), "data-testid": "run-batch" }, name(run.batch || "–")), " ",
      h("span", { class: "soft" }, `${word("process", run.process)} · ${span(run.start, run.end)}`)))));
}
