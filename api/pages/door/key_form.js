// A key may be typed as well: it is how programs and wall screens come in.

import { h } from "../dom/h.js";
import { say } from "../i18n/words.js";

/** `use(key)` stores it and asks the server again; `where` says who makes one. */
export function keyForm(refused, use, where = say("key.where")) {
  const submit = (event) => {
    event.preventDefault();
    const key = new FormData(event.target).get("key").trim();
    if (key) use(key);
  };
  return h("form", { id: "key-form", class: "card entry door-form", on: { submit } },
    h("h2", {}, say("key.title")),
    h("p", { class: "soft" }, where),
    h("p", {}, h("label", { for: "key" }, say("key.label")),
      h("input", { id: "key", name: "key", type: "password", autocomplete: "off", required: true,
      spellcheck: "false", placeholder: "mp_…", "aria-describedby": refused ? "key-refused" : null,
      "aria-invalid": refused ? "true" : null })),
    refused ? h("p", { id: "key-refused", class: "warn-text", role: "alert" }, say("key.refused")) : null,
    h("button", { type: "submit", class: "main" }, say("key.use")));
}
