// What is around every view: header, health strip, banner, footer.

import { h, name } from "../dom/h.js";
import { clockSeconds, siteZone } from "../i18n/times.js";
import { LANGUAGES, language, say, word } from "../i18n/words.js";
import { now } from "../server/clock.js";
import { healthLamp } from "./health_lamp.js";
import { to } from "./route.js";
import { theme } from "./theme_choice.js";

const PLACES = [["", "nav.hall"], ["batches", "nav.batches"], ["balance", "nav.balance"], ["save", "nav.save"], ["office", "nav.office"]];

const WITHIN = { machines: "", compare: "batches" };

/** The whole page around `view`. `does` = {language(lang), theme(), retry(), leave()}. */
export function frame(state, view, does) {
  return [
    h("a", { class: "skip", href: "#view", on: { click: skip } }, say("skip")),
    header(state, does),
    banner(state, does),
    h("main", { id: "view", tabindex: "-1", class: state.lost ? "old" : null }, view),
    footer(state, does),
  ];
}

function skip(event) {
  event.preventDefault();
  document.getElementById("view").focus();
}

function header(state, does) {
  return h("header", { id: "top", class: "top" },
    h("a", { class: "brand", href: to(""), "aria-label": "millprint" }, mark(), h("span", {}, "millprint")),
    h("nav", { id: "places", "aria-label": say("nav.label") }, PLACES.map(([place, key]) =>
      h("a", { href: to(place), "data-testid": `nav-${place || "hall"}`,
        "aria-current": inPlace(state.route, place) ? "page" : null }, say(key)))),
    h("div", { class: "top-right" }, state.lost ? null : healthLamp(state.health, state.route.place === "health"),
      siteClock(state), languages(does), themeButton(does)));
}

function inPlace(route, place) {
  return route.place === place || (WITHIN[route.place] ?? route.place) === place;
}

export function mark() {
  return h("svg", { viewBox: "0 0 32 32", class: "mark", "aria-hidden": "true" },
    h("rect", { width: 32, height: 32, rx: 8 }),
    h("path", { d: "M7 23V10l4.5 6L16 10l4.500 6L25 10v13" }));
}

function siteClock(state) {
  if (!state.site || now() === null) return null;
  return h("span", { id: "site", class: "site", title: say("site.zone", siteZone()) },
    name(state.site.site, { class: "site-name" }), " ",
    h("span", { class: "figure" }, state.lost ? "–" : clockSeconds(now())));
}

export function languages(does) {
  const other = Object.keys(LANGUAGES).find((lang) => lang !== language());
  return h("button", { id: "language", type: "button", class: "quiet", lang: other,
    on: { click: () => does.language(other) } }, LANGUAGES[other]);
}

export function themeButton(does) {
  const label = say(`theme.${theme()}`);
  return h("button", { id: "theme", type: "button", class: "quiet icon-button", title: label,
    "aria-label": label, on: { click: does.theme } }, themeIcon(theme()));
}

function themeIcon(chosen) {
  const half = "M12 4a8 8 0 0 1 0 16z";
  const moon = "M19 14.500A8 8 0 0 1 9.500 5a8 8 0 1 0 9.500 9.500z";
  const rays = "M12 2v3M12 19v3M2 12h3M19 12h3M5 5l2 2M17 17l2 2M19 5l-2 2M7 17l-2 2";
  const inside = {
    auto: [h("circle", { cx: 12, cy: 12, r: 8 }), h("path", { d: half, class: "filled" })],
    light: [h("circle", { cx: 12, cy: 12, r: 4 }), h("path", { d: rays })],
    dark: [h("path", { d: moon })],
  };
  return h("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true" }, inside[chosen]);
}

function banner(state, does) {
  const text = state.lost && !state.keyNeeded
    ? h("p", { id: "lost", class: "banner" }, h("span", {}, say(state.site ? "lost.text" : "lost.none")), " ",
      h("button", { type: "button", class: "quiet", on: { click: does.retry } }, say("lost.retry")))
    : null;
  return h("div", { id: "banner", role: "status", "aria-live": "polite" }, text);
}

function footer(state, does) {
  const version = state.site?.version ? ` ${state.site.version}` : "";
  return h("footer", { id: "bottom" },
    h("span", {}, `millprint${version}`), state.site ? h("span", {}, say("footer.time", siteZone())) : null,
    h("a", { href: "/docs" }, say("footer.api")), state.who && !state.keyNeeded ? whoIsThere(state.who, does) : null);
}

function whoIsThere(who, does) {
  return h("span", { id: "who" }, name(who.name), ` (${word("role", who.role)}) `,
    h("button", { id: "leave", type: "button", class: "quiet", on: { click: does.leave } }, say("door.leave")));
}
