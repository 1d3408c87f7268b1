// Light, dark, or as the device says.

import { keep, kept } from "../server/keeping.js";

const NEXT = { auto: "light", light: "dark", dark: "auto" };

export function theme() {
  const chosen = kept("theme");
  return chosen === "light" || chosen === "dark" ? chosen : "auto";
}

export function turnTheme() {
  const next = NEXT[theme()];
  keep("theme", next === "auto" ? null : next);
  if (next === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  document.dispatchEvent(new CustomEvent("themechange"));
}

matchMedia("(prefers-color-scheme: dark)").addEventListener?.("change", () => {
  document.dispatchEvent(new CustomEvent("themechange"));
});
