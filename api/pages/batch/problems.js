// Problems in words: what is wrong, where, and what to do.

import { h, name } from "../dom/h.js";
import { moment } from "../i18n/times.js";
import { inLanguage, say } from "../i18n/words.js";

export function problemList(problems) {
  if (!problems || problems.length === 0) return null;
  return h("section", { id: "problems", class: "card problems" },
    h("h2", {}, say("problems.count", problems.length)),
    h("ul", { class: "plain" }, problems.map((problem, i) =>
      h("li", { key: `${problem.code} ${problem.where} ${i}`, "data-testid": "problem", "data-code": problem.code },
        h("p", { class: "wrap" }, inLanguage(problem, "text")),
        h("p", { class: "wrap" }, h("strong", {}, say("problems.do")), " ", inLanguage(problem, "do")),
        h("p", { class: "soft small-note wrap" }, h("code", {}, problem.code), " · ", name(problem.where || ""),
          problem.at ? ` · ${moment(problem.at)}` : "")))));
}
