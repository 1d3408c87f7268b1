// What the server keeps of a change, as pairs of a word and a text that people read.

import { instant } from "../i18n/times.js";
import { word } from "../i18n/words.js";

const STAMP = /^\d{4}-\d{2}-\d{2}T[\d:.]+Z$/;

/** Nested values one by one; what is empty is left out, and instants are of the site's clock. */
export function facts(row) {
  return Object.entries(row).flatMap(([key, value]) => {
    if (Array.isArray(value)) return [[word("field", key), value.map((one) => (typeof one === "object" ? JSON.stringify(one) : one)).join(", ")]];
    if (value && typeof value === "object") return facts(value);
    if (value === null || value === "" || value === false) return [];
    return [[word("field", key), STAMP.test(value) ? instant(value) : String(value)]];
  });
}
