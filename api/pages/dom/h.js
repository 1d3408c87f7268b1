// A description of an element, to be compared with the last one by patch.js.
// Texts become text nodes and nothing else: a batch id such as "<img onerror=…>" is only letters.

const NOTHING = new Set([null, undefined, false, true, ""]);

/** One element. `props.key` names it among its siblings, `props.on` holds listeners, `props.style`
 *  is an object (set by script, so a strict CSP allows it), `props.life` = {born, fresh, gone}. */
export function h(tag, props, ...kids) {
  const given = props || {};
  return { tag, props: given, key: given.key, kids: flatten(kids), el: null };
}

export function flatten(kids, into = []) {
  for (const kid of kids) {
    if (Array.isArray(kid)) flatten(kid, into);
    else if (NOTHING.has(kid)) continue;
    else if (typeof kid === "object") into.push(kid);
    else into.push({ tag: "#text", text: String(kid), key: undefined, el: null });
  }
  return into;
}

/** Text for screen readers only. */
export function spoken(...kids) {
  return h("span", { class: "spoken" }, ...kids);
}

/** A name that came from outside: isolated, so that right-to-left marks in it turn nothing else. */
export function name(text, props) {
  return h("bdi", { dir: "auto", ...props }, text);
}

/** An identifier that may break after its joints: jet-01-|power.|energy_|import_|kwh. */
export function jointed(text) {
  const parts = String(text).match(/[^._-]+[._-]*|[._-]+/g) || [];
  return h("bdi", { dir: "auto" }, parts.map((part, i) => [i ? h("wbr") : null, part]));
}

/** A link that leaves the page; an address that is not plain http(s) stays text. */
export function outward(address, text) {
  let url = null;
  try {
    url = new URL(address);
  } catch {
    return h("span", {}, text);
  }
  if (url.protocol !== "https:" && url.protocol !== "http:") return h("span", {}, text);
  return h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, text);
}
