// The hall: what a screen on the wall shows.

import { get, post } from "../server/client.js";
import { follow } from "../machines/histories.js";
import { redraw } from "../shell/redraw.js";
import { askFloor, floor } from "./floor.js";
import { hallView } from "./view.js";

// With what the server takes to tell, a register's change is on the page within two seconds.
const FLOOR_MS = 900;
const PROBLEMS_MS = 15000;
const ALARMS_MS = 3000;
const hall = { problems: [], alarms: [], refused: null };

export function asks() {
  return [[look, FLOOR_MS], [askProblems, PROBLEMS_MS], [askAlarms, ALARMS_MS]];
}

export function view(state) {
  return hallView(floor, hall, state.route.query.get("line"), seen);
}

async function askAlarms() {
  hall.alarms = (await get("/alarms")).body.alarms;
}

/** Somebody has seen an alarm: it is not escalated any more. */
async function seen(alarm) {
  const found = await post(`/alarms/${alarm.id}/acknowledge`, {});
  hall.refused = found.refused;
  if (found.body) hall.alarms = hall.alarms.map((one) => (one.id === alarm.id ? found.body : one));
  redraw();
}

async function look() {
  await askFloor();
  follow(floor.machines, redraw);
}

async function askProblems() {
  hall.problems = (await get("/problems")).body.problems;
}
