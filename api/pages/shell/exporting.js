// Results as a file: the server writes it, the browser keeps it.

import { h } from "../dom/h.js";
import { language, say } from "../i18n/words.js";
import { file } from "../server/client.js";
import { redraw } from "./redraw.js";
import { refusal } from "./said_no.js";

const FORMS = ["xlsx", "csv", "pdf", "parquet"];
const OF_ONE_TABLE = new Set(["csv", "parquet"]);
const state = { about: "", busy: false, refused: null };

/** Buttons for the forms of a file about what `asked` says; `table` is the one that a CSV or Parquet holds. */
export function exportButtons(label, asked, table) {
  const about = String(new URLSearchParams(asked));
  return h("div", { class: "exporting", "data-testid": "exporting" },
    h("span", { class: "soft" }, label),
    FORMS.map((form) => h("button", { key: form, type: "button", class: "quiet", "data-testid": `export-${form}`, disabled: state.busy,
      on: { click: () => fetched(about, form, table) } }, form.toUpperCase())),
    h("span", { role: "status", class: "soft" }, state.busy && state.about === about ? say("export.busy") : null),
    state.refused && state.about === about ? refusal(state.refused) : null);
}

async function fetched(about, form, table) {
  const query = new URLSearchParams(about);
  query.set("lang", language());
  if (OF_ONE_TABLE.has(form)) query.set("table", table);
  Object.assign(state, { about, busy: true, refused: null });
  redraw();
  const found = await file(`/exports/${form}?${query}`);
  Object.assign(state, { busy: false, refused: found.refused || null });
  if (found.body) keep(found);
  redraw();
}

/** Fetch a file and keep it; what is refused is not there to be kept. */
export async function download(path) {
  const found = await file(path);
  if (found.body) keep(found);
}

// A link that nobody sees: only so can a file that was asked for with a key be kept.
function keep({ body, name }) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(body);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
