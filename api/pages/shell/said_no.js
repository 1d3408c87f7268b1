// Calm words for what is not there: a refusal (RFC 9457), an empty list, a first answer pending.

import { h, name } from "../dom/h.js";
import { inLanguage, language, say, word } from "../i18n/words.js";

export function refusal(problem) {
  const title = problem.status === 404 ? say("refused.notfound") : problem.status ? say("refused.title") : problem.title;
  const why = problem.detail || problem.title;
  return h("div", { class: "card empty", "data-testid": "refusal", role: "alert" },
    h("p", { class: "strong" }, title), why && why !== title ? h("p", { class: "soft wrap" }, name(why)) : null);
}

/** A refusal in a line, in the reader's language where the server says it in both. */
export function refusedText(problem) {
  const [first] = problem.problems || [];
  const own = (problem.errors || []).filter((one) => one.allowed_zh);
  if (own.length && language() === "zh") return own.map((one) => say("refused.field", word("field", one.field.split(".").pop()), one.value, one.allowed_zh)).join(" ");
  return first ? `${inLanguage(first, "text")} ${inLanguage(first, "do")}` : name(problem.detail || problem.title);
}

export function waiting() {
  return h("p", { class: "empty soft", "data-testid": "waiting" }, say("waiting"));
}

export function emptiness(testid, title, text) {
  return h("div", { class: "card empty", "data-testid": testid },
    h("p", { class: "strong" }, title), h("p", { class: "soft" }, text));
}
