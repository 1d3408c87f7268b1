// One small line when all is well; the failing checks in words when not.

import { h, name } from "../dom/h.js";
import { inLanguage, say } from "../i18n/words.js";

export function healthStrip(health) {
  if (!health) return null;
  const failing = health.checks.filter((check) => !check.ok);
  const well = health.status === "ok" && failing.length === 0;
  const summary = well ? say("health.ok", health.checks.length) : say("health.warn", failing.length);
  return h("details", { id: "health", class: `health ${well ? "well" : "unwell"}`, "data-status": health.status },
    h("summary", {}, h("span", { class: "lamp", "aria-hidden": "true" }), h("span", {}, summary),
      well ? null : h("span", { class: "health-first wrap" }, failing[0] ? inLanguage(failing[0], "text") : "")),
    h("ul", {}, [...failing, ...health.checks.filter((check) => check.ok)].map(checkLine)));
}

function checkLine(check, i) {
  return h("li", { key: `${check.name} ${i}`, class: check.ok ? "check-ok" : "check-bad" },
    h("span", { class: "tick", "aria-hidden": "true" }, check.ok ? "✓" : "!"),
    h("span", {}, h("span", { class: "spoken" }, check.ok ? say("health.good") : say("health.bad")),
      name(check.name, { class: "strong" }), " ", h("span", { class: "soft wrap" }, inLanguage(check, "text"))));
}
