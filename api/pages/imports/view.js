// Which table, the file, what it would change, and what was imported before.

import { h, name } from "../dom/h.js";
import { moment } from "../i18n/times.js";
import { language, say } from "../i18n/words.js";
import { download } from "../shell/exporting.js";
import { emptiness, waiting } from "../shell/said_no.js";
import { columnsCard } from "./columns.js";
import { doneCard, outcomeCards, refusedCard } from "./outcome.js";
import { proofField } from "./proof.js";

export function importView(at, asked, told, does) {
  if (!at.kinds) return waiting();
  const kind = at.kinds.find((one) => one.kind === at.kind) || at.kinds[0];
  return [
    chooseCard(at, kind, asked, told, does),
    told.busy ? progressCard(told.progress) : null,
    told.refused ? refusedCard(told.refused, does) : null,
    told.outcome ? outcomeCards(told.outcome, kind, told.busy, does) : null,
    told.outcome || headingsOf(told.refused).length ? columnsCard(kind, asked, told, headingsOf(told.refused), does) : null,
    told.done ? doneCard(told.done, does) : null,
    historyCard(at, does),
  ];
}

const titled = (kind) => (language() === "zh" ? kind.zh : kind.en);

/** Headings of a file in which nobody found what is needed: so somebody can say which is which. */
function headingsOf(refused) {
  const found = refused?.problems?.[0]?.values?.found;
  return found && found !== "-" ? found.split(" | ") : [];
}

function chooseCard(at, kind, asked, told, does) {
  const drop = {
    dragover: (event) => event.preventDefault(),
    drop: (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length) does.take(event.dataTransfer.files[0]);
    },
  };
  return h("section", { id: "import", class: "card import", on: drop },
    h("h2", {}, say("imports.title")),
    h("div", { class: "import-row" },
      h("label", { for: "import-kind" }, say("imports.kind")),
      h("select", { id: "import-kind", value: kind.kind, on: { change: (event) => does.choose(event.target.value) } },
        at.kinds.map((one) => h("option", { key: one.kind, value: one.kind, selected: one.kind === kind.kind }, titled(one)))),
      h("span", { class: "soft" }, say("imports.template")),
      ["xlsx", "csv"].map((form) => h("button", { key: form, type: "button", class: "quiet", "data-testid": `template-${form}`,
        on: { click: () => download(`/imports/${kind.kind}/template?form=${form}&lang=${language()}`) } }, form.toUpperCase()))),
    Object.keys(kind.mappings).length ? h("div", { class: "import-row" },
      h("label", { for: "import-mapping" }, say("imports.mapping")),
      h("select", { id: "import-mapping", on: { change: (event) => does.look({ mapping: event.target.value }) } },
        ["", ...Object.keys(kind.mappings)].map((one) => h("option", { key: `=${one}`, value: one, selected: one === asked.mapping }, one || say("imports.bythemselves"))))) : null,
    proofField(kind, told.proof, does),
    h("div", { class: "drop" },
      h("label", { for: "import-file", class: "strong" }, say("imports.file")),
      h("input", { id: "import-file", type: "file", accept: ".csv,.txt,.xlsx", disabled: told.busy,
        on: { change: (event) => event.target.files.length && does.take(event.target.files[0]) } }),
      h("p", { class: "soft small-note" }, say("imports.drop"))));
}

function progressCard(progress) {
  return h("section", { class: "card", role: "status", "data-testid": "import-busy" },
    h("p", {}, say(`imports.phase.${progress?.phase || "sending"}`), " ",
      progress?.lines ? h("span", { class: "figure soft" }, say("imports.lines", progress.lines)) : null),
    h("progress", { class: "import-bar", "aria-label": say("imports.title") }));
}

function historyCard(at, does) {
  if (!at.history) return waiting();
  if (at.history.length === 0) return emptiness("no-imports", say("imports.none"), say("imports.none.do"));
  return h("section", { id: "imported", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("imports.history") },
    h("h2", {}, say("imports.history")),
    h("table", { class: "small" },
      h("thead", {}, h("tr", {}, ["imports.number", "imports.kind", "imports.name", "imports.changed", "imports.who", "imports.undo"].map((key) => h("th", { scope: "col" }, say(key))))),
      h("tbody", {}, at.history.map((one) => historyRow(one, at, does)))));
}

function historyRow(one, at, does) {
  const kind = at.kinds.find((known) => known.kind === one.kind);
  return h("tr", { key: one.import, "data-testid": "imported" },
    h("td", { class: "figure" }, String(one.import)),
    h("td", {}, kind ? titled(kind) : one.kind),
    h("td", { class: "wrap" }, name(one.file)),
    h("td", {}, say("imports.counts", one.new, one.changed, one.same)),
    h("td", { class: "soft" }, moment(one.entered_at), " ", name(one.by)),
    h("td", {}, one.undone ? h("span", { class: "soft wrap" }, say("imports.undone"), " ", name(one.undone.by), ": ", name(one.undone.why)) : undoForm(one, at, does)));
}

function undoForm(one, at, does) {
  if (at.undoing !== one.import) {
    return h("button", { type: "button", class: "quiet", "data-testid": "undo", on: { click: () => does.undoing(one.import) } }, say("imports.undo"));
  }
  const submit = (event) => {
    event.preventDefault();
    does.undo(one.import, new FormData(event.target).get("why"));
  };
  return h("form", { class: "undo-form", on: { submit } },
    h("input", { name: "why", required: true, minlength: "2", maxlength: "256", "aria-label": say("imports.why"), placeholder: say("imports.why"), life: { born: (el) => el.focus() } }),
    h("button", { type: "submit", class: "main" }, say("imports.undo")),
    h("button", { type: "button", class: "quiet", on: { click: () => does.undoing(null) } }, say("close")),
    at.undoRefused ? h("p", { class: "warn-text wrap", role: "alert" }, name(at.undoRefused.detail || at.undoRefused.title)) : null);
}
