// Everything that feeds the ledger, what fails first.

import { h, name } from "../dom/h.js";
import { inLanguage, say } from "../i18n/words.js";
import { waiting } from "../shell/said_no.js";

export function healthView(health) {
  const title = h("h1", { tabindex: "-1" }, say("nav.health"));
  if (!health) return [title, waiting()];
  const failing = health.checks.filter((check) => !check.ok);
  return [
    h("div", { class: "section-head" }, title),
    h("section", { id: "checks", class: "card" },
      h("h2", {}, failing.length ? say("health.warn", failing.length) : say("health.ok", health.checks.length)),
      h("ul", { class: "checks" }, [...failing, ...health.checks.filter((check) => check.ok)].map(checkLine))),
  ];
}

function checkLine(check, i) {
  return h("li", { key: `${check.name} ${i}`, class: check.ok ? "check-ok" : "check-bad", "data-testid": "check" },
    h("span", { class: "tick", "aria-hidden": "true" }, check.ok ? "✓" : "!"),
    h("span", {}, h("span", { class: "spoken" }, check.ok ? say("health.good") : say("health.bad")),
      name(check.name, { class: "strong" }), " ", h("span", { class: "soft wrap" }, inLanguage(check, "text"))));
}
