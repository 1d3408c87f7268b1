// Which column of the file is which: as it was recognised, said otherwise here, and kept by a name.

import { h, name } from "../dom/h.js";
import { say } from "../i18n/words.js";
import { fieldName } from "./outcome.js";

export function columnsCard(kind, asked, told, headings, does) {
  const recognised = told.outcome?.columns || {};
  const every = [...Object.values(recognised), ...(told.outcome?.unread || []), ...headings];
  const choices = [...new Set(every)];
  const submit = (event) => {
    event.preventDefault();
    does.look();
  };
  return h("details", { class: "card columns", open: told.outcome ? null : true, "data-testid": "columns" },
    h("summary", {}, say("imports.columns")),
    h("form", { on: { submit } },
      h("div", { class: "column-grid" }, kind.fields.map((field) => h("p", { key: field.name },
        h("label", { for: `column-${field.name}` }, fieldName(kind, field.name), field.needed ? " *" : ""),
        h("select", { id: `column-${field.name}`, on: { change: (event) => does.map(field.name, event.target.value) } },
          ["", ...choices].map((one) => h("option", { key: `=${one}`, value: one, selected: (asked.columns[field.name] ?? recognised[field.name] ?? "") === one }, one || "–")))))),
      h("button", { type: "submit", class: "quiet" }, say("imports.lookagain"))),
    told.outcome ? saveForm(told, does) : null);
}

function saveForm(told, does) {
  const submit = (event) => {
    event.preventDefault();
    does.saveMapping(new FormData(event.target).get("name").trim());
  };
  return h("form", { class: "import-row", on: { submit } },
    h("label", { for: "mapping-name" }, say("imports.keepas")),
    h("input", { id: "mapping-name", name: "name", required: true, maxlength: "40", autocomplete: "off", pattern: "[^\\/]{1,40}" }),
    h("button", { type: "submit", class: "quiet" }, say("imports.keep")),
    h("span", { role: "status" }, told.saved?.name ? h("span", { class: "good-text" }, say("imports.kept"), " ", name(told.saved.name)) : null,
      told.saved?.refused ? h("span", { class: "warn-text wrap" }, name(told.saved.refused.detail || told.saved.refused.title)) : null));
}
