// Office: what people in the office do, each thing a place of its own: `#/office/import`.

import { h } from "../dom/h.js";
import { say } from "../i18n/words.js";
import { to } from "../shell/route.js";
import * as account from "../account/room.js";
import * as articles from "../articles/room.js";
import * as audit from "../audit/room.js";
import * as closing from "../closing/room.js";
import * as improvements from "../improvements/room.js";
import * as imports from "../imports/room.js";
import * as people from "../people/room.js";
import * as reviews from "../reviews/room.js";

/** Places of the office by their names in the address; the first one is where one arrives. */
const ROOMS = { import: imports, closing, articles, improvements, reviews, audit, people, account };
/** Rights without which a place is not offered; asked for all the same, it says who may. */
const NEEDS = { import: "enter", audit: "audit", people: "people" };

export function enter(route) {
  roomOf(route).enter?.(route);
}

export function asks(route) {
  return roomOf(route).asks(route);
}

export function view(state) {
  const here = nameOf(state.route);
  const offered = Object.keys(ROOMS).filter((name) => name === here || !NEEDS[name] || state.who?.rights.includes(NEEDS[name]));
  return [
    h("div", { class: "section-head" }, h("h1", { tabindex: "-1" }, say("nav.office")),
      h("nav", { class: "choices", "aria-label": say("nav.office") }, offered.map((name) =>
        h("a", { key: name, href: to("office", name), "data-testid": `office-${name}`, "aria-current": name === here ? "page" : null }, say(`office.${name}`))))),
    roomOf(state.route).view(state),
  ];
}

function nameOf(route) {
  return route.id in ROOMS ? route.id : Object.keys(ROOMS)[0];
}

function roomOf(route) {
  return ROOMS[nameOf(route)];
}
