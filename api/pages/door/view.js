// Who comes in: a person by name and password, a new one by a one-time code, or a key.

import { h } from "../dom/h.js";
import { say } from "../i18n/words.js";
import { post } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { refusedText } from "../shell/said_no.js";
import { keyForm } from "./key_form.js";

const SHORTEST = 12;
const state = { refused: null, by: null };

/** `does` = {useKey(key), come()}: a key was typed; somebody signed in. */
export function door(keyRefused, does) {
  return [
    h("div", { class: "section-head" }, h("h1", { tabindex: "-1" }, say("door.title"))),
    h("div", { class: "two" },
      h("div", { class: "door-people" }, signIn(does), byCode(does)),
      keyForm(keyRefused, does.useKey)),
  ];
}

function signIn(does) {
  return form("sign-in", "/session", does, [
    h("h2", {}, say("door.person")),
    field("sign-in", "name", { autocomplete: "username", maxlength: "64", spellcheck: "false", life: { born: (el) => el.focus() } }),
    field("sign-in", "password", { type: "password", autocomplete: "current-password", maxlength: "200" }),
  ]);
}

function byCode(does) {
  return form("by-code", "/session/code", does, [
    h("h2", {}, say("door.code.title")), h("p", { class: "soft" }, say("door.code.where")),
    field("by-code", "code", { autocomplete: "one-time-code", placeholder: "XXXX-XXXX-XXXX-XXXX", spellcheck: "false", maxlength: "32" }),
    field("by-code", "new", { name: "password", type: "password", autocomplete: "new-password", minlength: String(SHORTEST), maxlength: "200", "aria-describedby": "by-code-means" }),
    h("p", { id: "by-code-means", class: "soft small-note" }, say("door.password.means", SHORTEST)),
  ]);
}

function form(id, path, does, kids) {
  const submit = async (event) => {
    event.preventDefault();
    const own = event.target;
    const found = await post(path, Object.fromEntries(new FormData(own)));
    Object.assign(state, { by: id, refused: found.refused || null });
    if (found.refused) redraw();
    else {
      own.reset();
      does.come();
    }
  };
  return h("form", { id, class: "card entry door-form", on: { submit } }, kids,
    h("button", { type: "submit", class: "main" }, say(`door.do.${id}`)),
    h("div", { role: "status" }, state.refused && state.by === id
      ? h("p", { class: "warn-text wrap", id: `${id}-refused` }, state.refused.status === 401 ? say("door.wrong") : refusedText(state.refused)) : null));
}

function field(form, id, props) {
  return h("p", {}, h("label", { for: `${form}-${id}` }, say(`door.${id}`)), h("input", { id: `${form}-${id}`, name: id, required: true, ...props }));
}
