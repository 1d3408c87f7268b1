// One's own account: who one is here, and another password.

import { h, name } from "../dom/h.js";
import { say, word } from "../i18n/words.js";
import { post } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { refusedText } from "../shell/said_no.js";

const SHORTEST = 12;
const state = { refused: null, done: false };

export function enter() {
  Object.assign(state, { refused: null, done: false });
}

export function asks() {
  return [];
}

export function view({ who }) {
  if (!who) return null;
  return h("section", { id: "account", class: "card" },
    h("h2", {}, name(who.name)), h("p", { class: "soft" }, `${word("role", who.role)}, ${who.means}`),
    who.means.startsWith("person") ? passwordForm() : h("p", {}, say("account.key")));
}

function passwordForm() {
  const submit = async (event) => {
    event.preventDefault();
    const own = event.target;
    const { refused } = await post("/session/password", Object.fromEntries(new FormData(own)));
    Object.assign(state, { refused: refused || null, done: !refused });
    if (!refused) own.reset();
    redraw();
  };
  const field = (id, props) => h("p", {}, h("label", { for: `account-${id}` }, say(`account.${id}`)), h("input", { id: `account-${id}`, name: id, type: "password", required: true, maxlength: "200", ...props }));
  return h("form", { id: "change-password", class: "entry", on: { submit } },
    field("old", { autocomplete: "current-password" }),
    field("new", { autocomplete: "new-password", minlength: String(SHORTEST), "aria-describedby": "account-means" }),
    h("p", { id: "account-means", class: "soft small-note" }, say("door.password.means", SHORTEST), " ", say("account.ends")),
    h("button", { type: "submit", class: "main" }, say("account.change")),
    h("div", { role: "status" }, state.done ? h("p", { class: "good-text" }, say("account.changed")) : null,
      state.refused ? h("p", { class: "warn-text wrap" }, state.refused.status === 401 ? say("door.wrong") : refusedText(state.refused)) : null));
}
