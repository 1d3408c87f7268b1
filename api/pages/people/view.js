// People and keys in tables, each with what may be done about it, and a form for the next one.

import { h, name } from "../dom/h.js";
import { dayStart, instant, moment } from "../i18n/times.js";
import { say, word } from "../i18n/words.js";
import { refusedText, waiting } from "../shell/said_no.js";

const ROLES = ["engineer", "accountant", "certifier", "admin"];

/** `does` = {say(path, said)}: true where the server took it. */
export function peopleView(known, does) {
  if (!known.people || !known.keys) return waiting();
  return [
    shownOnce(known.shown),
    h("section", { id: "people", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("office.people") },
      h("h2", {}, say("people.title")),
      known.people.length ? table(["people.name", "people.role", "people.until", "people.state", ""], known.people.map((one) => personRow(one, does))) : h("p", { class: "soft" }, say("people.none"))),
    h("section", { id: "keys", class: "card table-wrap", tabindex: "0", role: "region", "aria-label": say("keys.title") },
      h("h2", {}, say("keys.title")), h("p", { class: "soft" }, say("keys.means")),
      table(["people.name", "people.role", "people.until", "people.state", ""], known.keys.map((one) => keyRow(one, does)))),
    h("div", { class: "two" }, newForm("people", known, does), newForm("keys", known, does)),
  ];
}

function shownOnce(shown) {
  if (!shown) return h("div", { role: "status" });
  const text = shown.code || shown.key;
  return h("div", { role: "status" }, h("section", { id: "shown-once", class: "card notice-card" },
    h("h2", {}, say(shown.code ? "people.code" : "keys.key", shown.name)),
    h("p", { class: "secret" }, h("code", {}, text)),
    h("p", { class: "soft" }, shown.code ? say("people.code.means", moment(shown.code_until)) : say("keys.key.means"))));
}

function table(heads, rows) {
  return h("table", { class: "small" },
    h("thead", {}, h("tr", {}, heads.map((key, i) => (key ? h("th", { scope: "col" }, say(key)) : h("td", { key: i }))))),
    h("tbody", {}, rows));
}

function personRow(one, does) {
  const state = one.removed_at ? say("people.removed", moment(one.removed_at)) : one.holds ? say(one.has_password ? "people.comes" : "people.invited") : say("people.over");
  return h("tr", { key: one.id, "data-testid": "person", class: one.holds ? null : "gone" },
    h("th", { scope: "row", class: "strong wrap" }, name(one.name)), h("td", {}, word("role", one.role)),
    h("td", {}, one.until ? instant(one.until).slice(0, 16) : "–"), h("td", { class: "soft" }, state),
    h("td", {}, one.removed_at ? null : because(one, [["code", `/people/${one.id}/code`], ["remove", `/people/${one.id}/remove`]], does, roleForm(one, does))));
}

// Another role, or another end; it holds from that person's next request on.
function roleForm(one, does) {
  const submit = async (event) => {
    event.preventDefault();
    const own = event.target;
    const { until, ...said } = Object.fromEntries(new FormData(own));
    const end = dayStart(until);
    if (await does.say(`/people/${one.id}/role`, { ...said, until: end === null ? null : new Date(end).toISOString() })) own.closest("details").open = false;
  };
  return h("form", { class: "because role-form", on: { submit } },
    h("select", { name: "role", "aria-label": say("people.role") }, ROLES.map((role) => h("option", { key: role, value: role, selected: role === one.role }, word("role", role)))),
    h("input", { name: "until", type: "date", "aria-label": say("people.until"), life: { born: (el) => { el.value = one.until ? instant(one.until).slice(0, 10) : ""; } } }),
    h("input", { name: "reason", required: true, minlength: "2", maxlength: "256", autocomplete: "off", placeholder: say("people.reason"), "aria-label": say("people.reason") }),
    h("button", { type: "submit", class: "quiet", "data-testid": "do-role" }, say("people.do.role")));
}

function keyRow(one, does) {
  const state = one.revoked_at ? say("keys.revoked", moment(one.revoked_at)) : one.holds ? say("keys.holds", moment(one.made_at)) : say("people.over");
  return h("tr", { key: one.id, "data-testid": "key", class: one.holds ? null : "gone" },
    h("th", { scope: "row", class: "wrap" }, name(one.name, { class: "strong" }), " ", h("code", {}, `${one.prefix}…`)), h("td", {}, word("role", one.role)),
    h("td", {}, one.until ? instant(one.until).slice(0, 16) : "–"), h("td", { class: "soft" }, state, one.made_by ? h("span", {}, ", ", name(one.made_by)) : null),
    h("td", {}, one.revoked_at ? null : because(one, [["revoke", `/keys/${one.id}/revoke`]], does)));
}

// Why comes before what: it stands in the log for ever.
function because(one, ways, does, more = null) {
  const submit = async (event) => {
    event.preventDefault();
    const own = event.target;
    if (await does.say(event.submitter.value, Object.fromEntries(new FormData(own)))) own.closest("details").open = false;
  };
  return h("details", {}, h("summary", {}, say("people.change"), h("span", { class: "spoken" }, ` ${one.name}`)),
    h("form", { class: "because", on: { submit } },
      h("input", { name: "reason", required: true, minlength: "2", maxlength: "256", autocomplete: "off", placeholder: say("people.reason"), "aria-label": say("people.reason") }),
      ways.map(([id, path]) => h("button", { key: id, type: "submit", class: "quiet", value: path, "data-testid": `do-${id}` }, say(`people.do.${id}`)))),
    more, h("div", { role: "status" }, ways.concat(more ? [["role", `/people/${one.id}/role`]] : []).some(([, path]) => path === does.refused?.path)
      ? h("p", { class: "warn-text wrap" }, refusedText(does.refused.problem)) : null));
}

function newForm(kind, known, does) {
  const submit = async (event) => {
    event.preventDefault();
    const own = event.target;
    const { until, ...said } = Object.fromEntries(new FormData(own));
    const end = dayStart(until);
    if (await does.say(`/${kind}`, { ...said, until: end === null ? null : new Date(end).toISOString() })) own.reset();
  };
  const field = (id, props) => h("p", {}, h("label", { for: `${kind}-${id}` }, say(`people.${id}`)), h("input", { id: `${kind}-${id}`, name: id, autocomplete: "off", ...props }));
  return h("form", { id: `new-${kind}`, class: "card entry person-form", on: { submit } },
    h("h2", {}, say(kind === "people" ? "people.new" : "keys.new")),
    field("name", { required: true, maxlength: "64" }),
    h("p", {}, h("label", { for: `${kind}-role` }, say("people.role")),
      h("select", { id: `${kind}-role`, name: "role" }, ROLES.map((role) => h("option", { key: role, value: role }, word("role", role))))),
    field("until", { type: "date", "aria-describedby": `${kind}-until-means` }),
    h("p", { id: `${kind}-until-means`, class: "soft small-note" }, say("people.until.means")),
    field("reason", { required: true, minlength: "2", maxlength: "256" }),
    h("button", { type: "submit", class: "main" }, say(kind === "people" ? "people.do" : "keys.do")),
    h("div", { role: "status" }, known.refused?.path === `/${kind}` ? h("p", { class: "warn-text wrap" }, refusedText(known.refused.problem)) : null));
}
