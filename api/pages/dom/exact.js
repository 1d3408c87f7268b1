// A decimal string with all the digits that the server wrote; trailing zeros are dimmed, not cut.

import { h } from "./h.js";

export function exact(decimal) {
  const text = String(decimal ?? "–");
  const split = text.includes(".") ? /^(-?\d+(?:\.\d*[1-9])?)(\.?0+)$/.exec(text) : null;
  const [, head, zeros] = split || [null, text, ""];
  return h("span", { class: "figure strong exact", "data-testid": "exact" },
    head, zeros ? h("span", { class: "zeros" }, zeros) : null);
}
