// One lamp in the header when all is well; how many things need a look when not.

import { h } from "../dom/h.js";
import { inLanguage, say } from "../i18n/words.js";
import { to } from "./route.js";

export function healthLamp(health, current) {
  if (!health) return null;
  const failing = health.checks.filter((check) => !check.ok);
  const well = health.status === "ok" && failing.length === 0;
  const text = well ? say("health.ok", health.checks.length) : say("health.warn", failing.length);
  return h("a", { id: "health", class: `health ${well ? "well" : "unwell"}`, href: to("health"), "data-status": health.status, "aria-label": text,
    title: failing[0] ? inLanguage(failing[0], "text") : null, "aria-current": current ? "page" : null },
  h("span", { class: "lamp", "aria-hidden": "true" }), h("span", {}, text));
}
