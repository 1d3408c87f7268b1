// The page's two languages. Each catalogue is one file; a key that one lacks shows as the key.

import { keep, kept } from "../server/keeping.js";

export const LANGUAGES = { en: "English", zh: "中文" };

const loaders = { en: () => import("./en.js"), zh: () => import("./zh.js") };
let catalogue = {};
let current = "en";

export function language() {
  return current;
}

/** Load and remember a language; the document says it, so that screen readers speak it. */
export async function speak(lang, { remember = false } = {}) {
  catalogue = (await loaders[lang]()).default;
  current = lang;
  if (remember) keep("language", lang);
  document.documentElement.lang = lang === "zh" ? "zh-CN" : "en";
}

export function preferredLanguage() {
  const chosen = kept("language");
  if (chosen in LANGUAGES) return chosen;
  return /^zh\b/i.test(navigator.language || "") ? "zh" : "en";
}

/** The text of `key`; texts with figures in them are functions. */
export function say(key, ...figures) {
  const text = key in catalogue ? catalogue[key] : key;
  return typeof text === "function" ? text(...figures) : text;
}

/** The word for an identifier of the server (`carrier`, "steam"); unknown ones stand as they are. */
export function word(kind, id) {
  if (id === null || id === undefined) return "";
  const key = `${kind}.${id}`;
  return key in catalogue ? catalogue[key] : String(id);
}

/** The text in the reader's language of something that carries both (`text_en`, `text_zh`). */
export function inLanguage(holder, field) {
  return holder[`${field}_${current}`] || holder[`${field}_en`] || holder[`${field}_zh`] || "";
}
