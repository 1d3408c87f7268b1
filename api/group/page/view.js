// What the group's page shows: each mill with its last seal, its articles, and what vouches for them.

import { h, name, outward } from "/pages/dom/h.js";
import { keyForm } from "/pages/door/key_form.js";
import { amount, figures } from "/pages/i18n/numbers.js";
import { ago, dayText } from "/pages/i18n/times.js";
import { say } from "/pages/i18n/words.js";
import { age } from "/pages/server/clock.js";
import { languages, mark, themeButton } from "/pages/shell/frame.js";
import { waiting } from "/pages/shell/said_no.js";

/** A seal comes every day; one that is this old is late. [s] */
const LATE_S = 2 * 86400;
const SHOWN_OF_HASH = 12;

/** The whole page. `does` = {useKey(key), open(key, mill, article), language(lang), theme(), retry()}. */
export function page(state, does) {
  return [
    h("header", { id: "top", class: "top" },
      h("span", { class: "brand" }, mark(), h("span", {}, "millprint")),
      h("div", { class: "top-right" }, languages(does), themeButton(does))),
    h("div", { id: "banner", role: "status", "aria-live": "polite" }, state.lost
      ? h("p", { id: "lost", class: "banner" }, h("span", {}, say("group.lost")), " ",
        h("button", { type: "button", class: "quiet", on: { click: does.retry } }, say("lost.retry")))
      : null),
    h("main", { id: "view", class: state.lost ? "old" : null }, h("h1", {}, say("group.title")), inside(state, does)),
  ];
}

function inside(state, does) {
  if (state.keyNeeded) return keyForm(state.keyRefused, does.useKey, say("group.key.where"));
  if (!state.mills) return waiting();
  return [h("p", { class: "soft" }, say("group.about")), state.mills.map((one) => mill(one, state, does))];
}

function mill(one, state, does) {
  return h("section", { key: one.mill, class: "card mill", "data-testid": "mill", "data-mill": one.mill },
    h("div", { class: "section-head" }, h("h2", {}, name(one.mill)),
      one.pages ? outward(one.pages, say("group.pages")) : null),
    one.seal ? sealedThrough(one) : h("p", { class: "soft" }, say("group.none"), " ", say("group.none.do")),
    one.articles.length ? articles(one, state, does) : null);
}

function sealedThrough(one) {
  const late = age(one.received) > LATE_S;
  return h("p", { class: "mill-seal" },
    say("group.sealed", one.seal.day, one.seal.number), " ", hash(one.seal.hash, one.seal.hash.length),
    late ? [" ", h("span", { class: "warn-text", "data-testid": "late" }, say("group.late", ago(age(one.received))))] : null);
}

function articles(one, state, does) {
  return h("table", { class: "small" },
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, say("group.article")),
      h("th", { scope: "col", class: "num" }, "kgCO₂e/kg"), h("th", { scope: "col", class: "num" }, say("group.accepted")))),
    h("tbody", {}, one.articles.map((article) => {
      const key = `${one.mill} ${article.article}`;
      const opened = state.opened.get(key);
      return [articleRow(one, article, key, opened, does), (opened?.batches || []).map((batch) => batchRow(key, batch))];
    })));
}

function articleRow(one, article, key, opened, does) {
  const click = () => does.open(key, one.mill, article.article);
  const called = article.article || say("group.noarticle");
  return row(key, "article", article, [
    article.page && article.article ? outward(article.page, called) : name(called, { class: article.article ? null : "soft" }),
    h("span", { class: "small-note soft" },
      h("button", { type: "button", class: "opens part", "aria-expanded": opened ? "true" : "false", on: { click } }, say("group.batches", article.batches)),
      h("span", { class: "part" }, days(article)), sealOf(article.seal)),
    article.unweighed ? h("span", { class: "small-note warn-text" }, say("group.unweighed", article.unweighed)) : null,
  ]);
}

function batchRow(key, batch) {
  return row(`${key} ${batch.batch}`, "batch", batch, [
    batch.page ? outward(batch.page, batch.batch) : name(batch.batch),
    h("span", { class: "small-note soft" }, h("span", { class: "part" }, dayText(Date.parse(batch.ended))), sealOf(batch.seal)),
  ]);
}

function row(key, kind, one, called) {
  return h("tr", { key, class: kind, "data-testid": kind },
    h("th", { scope: "row" }, called),
    h("td", { class: "num figure strong" }, figures(one.kgco2e_per_kg)),
    h("td", { class: "num figure" }, amount(one.accepted_kg)));
}

function sealOf(seal) {
  return [h("span", { class: "part" }, say("group.seal", seal.number, seal.day)), hash(seal.hash, SHOWN_OF_HASH)];
}

function hash(text, shown) {
  return h("code", { class: "hash wrap", title: text }, text.length > shown ? `${text.slice(0, shown)}…` : text);
}

/** The days on which an article's batches ended, in UTC: mills may stand in several time zones. */
function days(article) {
  const [first, last] = [article.from, article.to].map((at) => dayText(Date.parse(at)));
  return first === last ? first : `${first} – ${last}`;
}
