// When a batch was where: a row for each machine, a bar for each run.

import { h, name } from "../dom/h.js";
import { clock, lasting, span } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { to } from "../shell/route.js";

export function timeline(runs) {
  const known = runs.filter((run) => run.start && run.end);
  if (known.length === 0) return null;
  const first = Math.min(...known.map((run) => Date.parse(run.start)));
  const last = Math.max(...known.map((run) => Date.parse(run.end)));
  const part = (at) => `${(((at - first) / Math.max(1, last - first)) * 100).toFixed(2)}%`;
  const machines = [...new Set(known.map((run) => run.machine))];
  return h("section", { id: "timeline", class: "card" }, h("h2", {}, say("batch.timeline")),
    h("div", { class: "lanes" }, machines.map((machine) => h("div", { key: machine, class: "lane" },
      h("span", { class: "clip lane-name", title: machine }, name(machine)),
      h("div", { class: "lane-track" }, known.filter((run) => run.machine === machine).map((run, i) =>
        h("a", { key: `${run.start} ${i}`, class: "lane-run", href: to("machines", machine, { from: run.start, to: run.end }), "data-testid": "lane-run",
          style: { left: part(Date.parse(run.start)), width: `calc(${part(first + Date.parse(run.end) - Date.parse(run.start))} - 2px)` },
          title: `${word("process", run.process)}, ${span(run.start, run.end)} (${lasting(run.start, run.end)})` },
        h("span", {}, word("process", run.process))))))),
    h("div", { class: "lane soft small-note" }, h("span", {}), h("span", { class: "lane-ends figure" }, h("span", {}, clock(first)), h("span", {}, clock(last))))));
}
