// A meter by its name, leading to what it showed while the batch ran.

import { h, jointed } from "../dom/h.js";
import { to } from "../shell/route.js";

const POINT = /^[^.\s]+\.[^.\s]+$/;

/** The name as a link; only the name where it is no `device.point`: what somebody entered. */
export function meterName(ref, print) {
  if (!POINT.test(ref || "")) return h("code", { class: "wrap" }, jointed(ref || "–"));
  return h("a", { class: "wrap", href: to("meters", ref, timeOf(print)), "data-testid": "line-meter" }, h("code", {}, jointed(ref)));
}

/** From its first run's start to its last one's end; nothing while it runs: the newest readings show. */
function timeOf({ runs }) {
  if (runs.length === 0 || runs.some((run) => !run.end)) return {};
  const by = (field) => runs.map((run) => run[field]).sort((a, b) => Date.parse(a) - Date.parse(b));
  return { from: by("start")[0], to: by("end").pop() };
}
