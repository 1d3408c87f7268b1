// Import: a table of the mill's own system is looked at, taken in, and undone.

import { get, post, segment, send } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { proofSent } from "./proof.js";
import { importView } from "./view.js";

const EVERY_MS = 15000;
const LOOK_MS = 500;
/** The server's own limit; what is larger is not sent at all. */
const MOST_MB = 32;

const at = { kinds: null, kind: "batches", history: null, undoing: null, undoRefused: null };
const asked = { file: null, mapping: "", columns: {}, unit: "" };
const told = { busy: false, progress: null, outcome: null, refused: null, done: null, saved: null, proof: null };

export function asks() {
  return [
    [async () => { at.kinds = (await get("/imports/kinds")).body.kinds; }, EVERY_MS],
    [async () => { at.history = (await get("/imports")).body.imports; }, EVERY_MS],
  ];
}

export function view() {
  return importView(at, asked, told, { prove, choose, take, look, enter: () => run(false), again, map, saveMapping, undoing, undo });
}

function choose(kind) {
  Object.assign(told, { proof: null });
  at.kind = kind;
  again();
}

/** A file that proves factors: kept first, so that the table can name it; then it is looked at again. */
async function prove(file) {
  told.proof = await proofSent(file);
  redraw();
  if (!told.proof.refused) look();
}

/** A file was chosen or dropped. */
function take(file) {
  Object.assign(asked, { file, columns: {}, unit: "" });
  look();
}

function look(changed = {}) {
  Object.assign(asked, changed);
  if (asked.file) run(true);
}

function again() {
  Object.assign(asked, { file: null, mapping: "", columns: {}, unit: "" });
  Object.assign(told, { busy: false, outcome: null, refused: null, done: null, saved: null });
  redraw();
}

function map(field, heading) {
  asked.columns = { ...asked.columns, [field]: heading };
}

async function run(dry) {
  const { file } = asked;
  Object.assign(told, { busy: true, progress: null, refused: null, done: null, saved: null });
  if (file.size > MOST_MB * 2 ** 20) {
    Object.assign(told, { busy: false, outcome: null, refused: { tooLarge: Math.round(file.size / 2 ** 20), most: MOST_MB } });
    return redraw();
  }
  redraw();
  const watch = setInterval(follow, LOOK_MS);
  const found = await send(`/imports/${segment(at.kind)}?${query(dry)}`, file);
  clearInterval(watch);
  if (asked.file !== file) return undefined;
  Object.assign(told, { busy: false, refused: found.refused || null });
  if (found.refused?.bad) Object.assign(told, { refused: null, outcome: found.refused });
  else if (dry) told.outcome = found.body || null;
  else if (found.body) Object.assign(told, { outcome: null, done: found.body });
  if (told.done) at.history = (await get("/imports")).body.imports;
  redraw();
  return undefined;
}

function query(dry) {
  const said = new URLSearchParams({ dry_run: String(dry), name: asked.file.name, mapping: asked.mapping, mass_unit: asked.unit });
  for (const field of Object.keys(asked.columns)) if (asked.columns[field]) said.append("column", `${field}=${asked.columns[field]}`);
  return said;
}

// How far it is; a look that fails is no fault, the next one tells.
async function follow() {
  try {
    told.progress = (await get("/imports/under-way")).body.under_way;
  } catch {
    told.progress = null;
  }
  if (told.busy) redraw();
}

async function saveMapping(name) {
  const found = await post(`/imports/${segment(at.kind)}/mappings`, { name, columns: columnsNow() });
  told.saved = found.refused ? { refused: found.refused } : { name };
  if (found.body) at.kinds = (await get("/imports/kinds")).body.kinds;
  redraw();
}

function columnsNow() {
  return { ...told.outcome?.columns, ...Object.fromEntries(Object.entries(asked.columns).filter(([, heading]) => heading)) };
}

function undoing(number) {
  Object.assign(at, { undoing: number, undoRefused: null });
  redraw();
}

async function undo(number, reason) {
  const found = await post(`/imports/${number}/undo`, { reason });
  at.undoRefused = found.refused || null;
  if (found.body) {
    at.undoing = null;
    at.history = (await get("/imports")).body.imports;
  }
  redraw();
}
