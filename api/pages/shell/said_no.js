// Calm words for what is not there: a refusal (RFC 9457), an empty list, a first answer pending.

import { h, name } from "../dom/h.js";
import { say } from "../i18n/words.js";

export function refusal(problem) {
  return h("div", { class: "card empty", "data-testid": "refusal", role: "alert" },
    h("p", { class: "strong" }, problem.status === 404 ? say("refused.notfound") : say("refused.title")),
    problem.detail || problem.title
      ? h("p", { class: "soft wrap" }, name(problem.detail || problem.title)) : null);
}

export function waiting() {
  return h("p", { class: "empty soft", "data-testid": "waiting" }, say("waiting"));
}

export function emptiness(testid, title, text) {
  return h("div", { class: "card empty", "data-testid": testid },
    h("p", { class: "strong" }, title), h("p", { class: "soft" }, text));
}
