// Asks the server. Three things can go wrong, and each is its own kind of error:
// the server cannot be reached (Lost), it wants a key (KeyNeeded), it says no and why (Refused).

import { say } from "../i18n/words.js";
import { heard } from "./clock.js";
import { keep, kept } from "./keeping.js";

const ROOT = "/api/v1";
const PATIENCE_MS = 15000;
/** For what the server reckons while somebody waits: a month's workbook, a month's balance. [ms] */
export const LONG_PATIENCE_MS = 300000;

export class Lost extends Error {}
export class KeyNeeded extends Error {}
export class Refused extends Error {
  constructor(problem) {
    super(problem.detail || problem.title);
    this.problem = problem;
  }
}

/** One path segment. "." and ".." cannot be one: every browser would walk up the path instead. */
export function segment(text) {
  if (text === "." || text === "..") {
    throw new Refused({ status: 404, title: "Not found", detail: text });
  }
  return encodeURIComponent(text);
}

/** GET `path` below /api/v1; returns `{body, next}`, next being the path of the next page or null. */
export async function get(path, patience = PATIENCE_MS) {
  const response = await reach(path, {}, patience);
  if (response.status === 401) throw new KeyNeeded("key needed");
  if (response.status >= 500 || response.status === 429) throw new Lost(`HTTP ${response.status}`);
  const body = await parsed(response);
  if (!response.ok) throw new Refused(asProblem(body, response));
  if (typeof body.now === "string") heard(body.now);
  return { body, next: nextPage(response.headers.get("Link")) };
}

/** POST `said` to `path`; `{body}`, or `{refused}` with the problem where the server says no or is
 *  not reached: somebody who clicked is told. A key that is wanted is asked for by what polls. */
export function post(path, said) {
  return clicked(async () => {
    const response = await reach(path, { method: "POST", body: JSON.stringify(said) });
    const body = await parsed(response);
    return response.ok ? { body } : { refused: asProblem(body, response) };
  });
}

/** POST a file to `path`, as it is; answered as `post`. */
export function send(path, file) {
  return clicked(async () => {
    const response = await reach(path, { method: "POST", body: file }, LONG_PATIENCE_MS, "application/octet-stream");
    const body = await parsed(response);
    return response.ok ? { body } : { refused: asProblem(body, response) };
  });
}

/** The session is over, and a key is forgotten: whoever comes next is asked who he is. */
export async function leave() {
  const gone = await clicked(async () => ({ body: (await reach("/session", { method: "DELETE" })).ok }));
  if (!gone.refused) keep("key", null);
  return gone;
}

/** A file below /api/v1: `{body, name}` with a Blob, or `{refused}` as of `post`. */
export function file(path) {
  return clicked(async () => {
    const response = await reach(path, {}, LONG_PATIENCE_MS);
    if (!response.ok) return { refused: asProblem(await parsed(response), response) };
    return { body: await blob(response), name: nameOf(response) };
  });
}

async function clicked(work) {
  try {
    return await work();
  } catch (fault) {
    if (fault instanceof Lost) return { refused: { status: 0, title: say("lost.click") } };
    throw fault;
  }
}

// The patience is for all of an answer: a body that stalls is as lost as none.
async function reach(path, sent, patience = PATIENCE_MS, form = "application/json") {
  const key = kept("key");
  const headers = { Accept: "application/json" };
  if (key) headers.Authorization = `Bearer ${key}`;
  if (sent.body) headers["Content-Type"] = form;
  if (sent.method) headers["Millprint-Page"] = "1"; // what no other site's page can send
  try {
    return await fetch(ROOT + path, { ...sent, headers, signal: AbortSignal.timeout(patience), cache: "no-store" });
  } catch (fault) {
    throw new Lost(fault.message);
  }
}

async function parsed(response) {
  try {
    return await response.json();
  } catch (fault) {
    if (!response.ok) return null;
    throw new Lost(fault.message);
  }
}

async function blob(response) {
  try {
    return await response.blob();
  } catch (fault) {
    throw new Lost(fault.message);
  }
}

/** What a file is called: names outside ASCII come as RFC 5987 has them. */
function nameOf(response) {
  const said = response.headers.get("Content-Disposition") || "";
  const encoded = /filename\*=utf-8''([^;]+)/i.exec(said);
  return encoded ? decodeURIComponent(encoded[1]) : /filename="([^"]*)"/.exec(said)?.[1] || "";
}

function asProblem(body, response) {
  if (body && typeof body === "object" && (body.title || body.detail)) return body;
  return { status: response.status, title: `HTTP ${response.status}`, detail: "" };
}

/** The path in `<…>; rel="next"`. Only its path: the key goes to no other host, whatever it names. */
function nextPage(link) {
  for (const part of (link || "").split(/,(?=\s*<)/)) {
    const found = /<([^>]*)>\s*;.*rel="?next"?/.exec(part);
    if (!found) continue;
    const url = new URL(found[1], location.origin + ROOT + "/");
    if (url.pathname.startsWith(ROOT + "/")) return url.pathname.slice(ROOT.length) + url.search;
  }
  return null;
}
