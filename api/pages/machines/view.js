// A machine opened: its gauges as curves over the last hours.

import { h, name } from "../dom/h.js";
import { figures, unit } from "../i18n/numbers.js";
import { say } from "../i18n/words.js";
import { emptiness, waiting } from "../shell/said_no.js";
import { to } from "../shell/route.js";
import { dataAge, stateLamp, work } from "../hall/tile.js";
import { charted } from "./charts.js";
import { gaugeLabel, inOrder } from "./gauges.js";

export const SPANS = { "2h": 2, "8h": 8, "24h": 24 };

export function machineView(route, floor, charts) {
  const { id, query } = route;
  if (!floor.machines) return waiting();
  const machine = floor.machines.find((one) => one.id === id);
  if (!machine) return emptiness("no-machine", say("machine.unknown"), id);
  const chosen = query.get("span") in SPANS ? query.get("span") : "2h";
  return [
    h("p", { class: "back" }, h("a", { href: to("") }, `← ${say("nav.hall")}`)),
    h("div", { class: "section-head" },
      h("h1", { class: "wrap", tabindex: "-1" }, name(machine.id)),
      stateLamp(machine.state),
      dataAge(machine),
      spans(id, chosen)),
    work(machine),
    h("div", { id: "charts", class: "charts" },
      inOrder(machine.gauges).map((gauge) => chart(gauge, charts.get(gauge.point), chosen))),
  ];
}

function spans(id, chosen) {
  return h("div", { class: "choices", role: "group", "aria-label": say("span.label") },
    Object.keys(SPANS).map((span) => h("a", { href: to("machines", id, { span }), "data-testid": `span-${span}`,
      "aria-current": span === chosen ? "true" : null }, say("span.hours", SPANS[span]))));
}

function chart(gauge, drawn, chosen) {
  const label = `${gaugeLabel(gauge)} [${unit(gauge.unit)}]`;
  const values = (drawn?.readings || []).map((r) => r.value).filter((v) => v !== null);
  const spoken = values.length
    ? say("chart.spoken", label, figures(Math.min(...values), 3), figures(Math.max(...values), 3)) : label;
  return h("section", { key: gauge.point, class: "card chart", "data-testid": "chart", "data-point": gauge.point },
    h("h2", {}, name(gaugeLabel(gauge)), h("span", { class: "soft" }, ` ${unit(gauge.unit)}`),
      h("span", { class: "chart-now figure" }, gauge.value === null ? "–" : figures(gauge.value, 3))),
    values.length
      ? h("div", { key: `${gauge.point} ${chosen}`, class: "plot", role: "img", "aria-label": spoken,
        life: charted(drawn, gauge) })
      : h("p", { class: "soft plot plot-none" }, drawn ? say("curve.none") : say("waiting")));
}
