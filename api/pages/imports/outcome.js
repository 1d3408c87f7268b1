// What a file would change: what is wrong first, then each row, from what to what.

import { h, name } from "../dom/h.js";
import { inLanguage, language, say } from "../i18n/words.js";
import { to } from "../shell/route.js";
import { refusal } from "../shell/said_no.js";

/** A file that is refused as a whole; where only its unit of mass is unknown, the reader says it. */
export function refusedCard(refused, does) {
  if (refused.tooLarge) return refusal({ status: 413, detail: say("imports.toolarge", refused.tooLarge, refused.most) });
  const problems = refused.problems || [];
  if (problems.length === 0) return refusal(refused);
  const asksUnit = problems.some((one) => one.code === "import-mass-unit");
  return h("section", { class: "card", role: "alert", "data-testid": "import-refused" },
    h("h2", {}, say("imports.refused")),
    problems.map((one) => h("p", { key: one.code, class: "wrap", "data-code": one.code }, inLanguage(one, "text"), " ", h("strong", {}, inLanguage(one, "do")))),
    asksUnit ? h("div", { class: "import-row" }, ["t", "kg"].map((unit) =>
      h("button", { key: unit, type: "button", class: unit === "t" ? "main" : "quiet", "data-testid": `unit-${unit}`, on: { click: () => does.look({ unit }) } }, say(`imports.unit.${unit}`)))) : null);
}

export function outcomeCards(outcome, kind, busy, does) {
  const { counts } = outcome;
  const changes = counts.new + counts.changed;
  return [
    h("section", { id: "outcome", class: "card" },
      h("h2", {}, say("imports.would", counts.new, counts.changed, counts.same)),
      counts.bad ? h("p", { class: "warn-text", role: "alert", "data-testid": "bad-count" }, say("imports.bad", counts.bad)) : null,
      outcome.notices.map((one, i) => h("p", { key: `${one.code} ${i}`, class: "notice wrap", "data-code": one.code }, say("imports.line", one.line), " ", inLanguage(one, "text"), " ", inLanguage(one, "do"))),
      outcome.unread.length ? h("p", { class: "soft wrap" }, say("imports.unread"), " ", outcome.unread.map((one, i) => [i ? " · " : null, name(one)])) : null,
      h("div", { class: "import-row" },
        h("button", { type: "button", class: "main", id: "import-enter", disabled: busy || counts.bad > 0 || changes === 0, on: { click: does.enter } },
          changes ? say("imports.enter", changes) : say("imports.nothing")),
        h("button", { type: "button", class: "quiet", on: { click: does.again } }, say("imports.another")))),
    outcome.bad.length ? badCard(outcome, kind) : null,
    outcome.rows.length ? rowsCard(outcome, kind) : null,
  ];
}

export function doneCard(done, does) {
  if (done.review) return h("section", { id: "imported-now", class: "card", role: "status" }, h("p", { class: "good-text" }, say("reviews.waits")));
  return h("section", { id: "imported-now", class: "card", role: "status" },
    h("h2", { class: "good-text" }, done.import === null ? say("imports.nothing") : say("imports.done", done.import)),
    h("p", {}, say("imports.counts", done.counts.new, done.counts.changed, done.counts.same)),
    h("div", { class: "import-row" },
      done.kind === "batches" ? h("a", { class: "button main", href: to("office", "closing"), "data-testid": "to-months" }, say("imports.then")) : null,
      h("button", { type: "button", class: "quiet", on: { click: does.again } }, say("imports.another"))));
}

function table(id, label, heads, rows) {
  return h("section", { id, class: "card table-wrap import-table", tabindex: "0", role: "region", "aria-label": label },
    h("h2", {}, label),
    h("table", { class: "small" }, h("thead", {}, h("tr", {}, heads.map((head, i) => h("th", { key: i, scope: "col" }, head)))), h("tbody", {}, rows)));
}

function badCard(outcome, kind) {
  const heads = [say("imports.inline"), say("imports.column"), say("imports.value"), say("imports.reason")];
  return table("bad-rows", say("imports.badrows"), heads, outcome.bad.map((one, i) =>
    h("tr", { key: `${one.line} ${one.field} ${i}`, "data-testid": "bad-row", "data-code": one.code },
      h("td", { class: "figure" }, String(one.line)), h("td", {}, fieldName(kind, one.field)), h("td", { class: "wrap" }, name(one.value || "–")),
      h("td", { class: "wrap" }, inLanguage(one, "text"), " ", inLanguage(one, "do")))));
}

function rowsCard(outcome, kind) {
  const fields = kind.fields.filter((field) => outcome.rows.some((row) => row.said[field.name] !== undefined && row.said[field.name] !== ""));
  const heads = [say("imports.inline"), say("imports.change"), ...fields.map((field) => fieldName(kind, field.name))];
  const all = outcome.counts.new + outcome.counts.changed + outcome.counts.same;
  const label = outcome.rows.length < all ? say("imports.firstrows", outcome.rows.length, all) : say("imports.rows");
  return table("import-rows", label, heads, outcome.rows.map((row) =>
    h("tr", { key: row.line, class: `is-${row.change}`, "data-testid": "import-row", "data-change": row.change },
      h("td", { class: "figure" }, String(row.line)), h("td", {}, say(`imports.is.${row.change}`)),
      fields.map((field) => h("td", { key: field.name, class: "wrap" }, cell(row, field.name))))));
}

function cell(row, field) {
  const said = row.said[field] ?? "";
  if (!(field in row.was)) return name(said);
  return [h("s", { class: "soft" }, name(row.was[field] ?? "–")), " ", h("span", { "aria-hidden": "true" }, "→"), " ", h("span", { class: "strong" }, name(said))];
}

export function fieldName(kind, field) {
  const found = kind.fields.find((one) => one.name === field);
  return found ? (language() === "zh" ? found.zh : found.en) : field;
}
