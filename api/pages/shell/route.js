// Where the reader is: `#/batches/B2401?line=…`. Every place is a link, and the back button works.

import { keep } from "../server/keeping.js";

/** The route in the address bar: `{place, id, query}`. */
export function routeNow() {
  const [path, search = ""] = location.hash.replace(/^#/, "").split(/\?(.*)/s);
  const [place = "", id = ""] = path.split("/").filter(Boolean).map(decoded);
  return { place, id, query: new URLSearchParams(search) };
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a place; `query` entries that are null or "" are left out. */
export function to(place, id, query = {}) {
  const search = new URLSearchParams();
  for (const name of Object.keys(query)) if (query[name]) search.set(name, query[name]);
  const path = [place, id].filter((part) => part).map(encodeURIComponent).join("/");
  const tail = search.toString();
  return `#/${path}${tail ? `?${tail}` : ""}`;
}

/** Take a key out of the address (`#key=mp_…`, `#/…?key=mp_…`) into this browser's keeping. */
export function takeKey() {
  const hash = location.hash.replace(/^#/, "");
  const [path, search = ""] = hash.startsWith("/") ? hash.split(/\?(.*)/s) : ["", hash];
  const query = new URLSearchParams(search);
  const key = query.get("key");
  if (!key) return false;
  keep("key", key.trim());
  query.delete("key");
  const tail = query.toString();
  const address = `${location.pathname}${location.search}#${path || "/"}${tail ? `?${tail}` : ""}`;
  history.replaceState(null, "", address);
  return true;
}
