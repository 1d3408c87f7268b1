// The diagram: nodes and bands that open what is behind them.

import { h } from "../dom/h.js";
import { figures } from "../i18n/numbers.js";
import { say, word } from "../i18n/words.js";
import { to } from "../shell/route.js";
import { carrierColour } from "../batch/breakdown.js";
import { nodeWords } from "./bands.js";
import { layout, WIDTH } from "./sankey.js";

const WASTE = new Set(["standby", "unmetered", "loss", "held", "open", "overhead"]);
const LONGEST = 22;

export function diagram(bands, unitText, query, opened) {
  const { nodes, links, height, thick } = layout(bands);
  return h("div", { class: "sankey-wrap", tabindex: "0", role: "region", "aria-label": say("balance.diagram") },
    h("svg", { class: "sankey", viewBox: `0 -8 ${WIDTH} ${Math.ceil(height) + 16}`, role: "group", "aria-label": say("balance.diagram") },
      h("g", {}, links.map((link) => ribbon(link, unitText, query, opened))),
      h("g", {}, nodes.map((node) => nodeMark(node, thick, unitText, query, opened)))));
}

function ribbon(link, unitText, query, opened) {
  const id = `${link.start}→${link.end}`;
  const lit = !opened || opened === id || opened === link.start || opened === link.end;
  return h("a", { key: `${id} ${link.carrier}`, href: to("balance", "", { ...query, open: id }), tabindex: "-1", "aria-hidden": "true" },
    h("path", { d: link.path, class: `band ${lit ? "" : "dim"} in-${carrierColour(link.carrier)}`,
      "stroke-width": link.thickness.toFixed(2), "data-testid": "band", "data-start": link.start, "data-end": link.end },
    h("title", {}, `${nodeWords(link.start)} → ${nodeWords(link.end)}: ${figures(link.size, 4)} ${unitText}, ${word("carrier", link.carrier)}`)));
}

function nodeMark(node, thick, unitText, query, opened) {
  const kind = node.id.slice(0, node.id.indexOf(":"));
  const words = nodeWords(node.id);
  const text = words.length > LONGEST ? `${words.slice(0, LONGEST - 1)}…` : words;
  const middle = node.y + node.height / 2;
  return h("a", { key: node.id, href: kind === "batch" ? to("batches", node.id.slice(6)) : to("balance", "", { ...query, open: node.id }),
    class: `node ${opened === node.id ? "opened" : ""}`, "data-testid": "node", "data-node": node.id,
    "aria-label": `${words}: ${figures(node.size, 4)} ${unitText}` },
  h("rect", { x: node.x.toFixed(1), y: node.y.toFixed(1), width: thick, height: Math.max(2, node.height).toFixed(1), rx: 2,
    class: WASTE.has(kind) ? "waste" : kind }),
  h("text", { x: (node.x + thick + 7).toFixed(1), y: middle.toFixed(1), "dominant-baseline": "middle" },
    h("tspan", { class: "node-name" }, text), " ", h("tspan", { class: "node-size" }, figures(node.size, 3))));
}
