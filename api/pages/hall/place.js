// The hall: what a screen on the wall shows.

import { get } from "../server/client.js";
import { follow } from "../machines/histories.js";
import { redraw } from "../shell/redraw.js";
import { askFloor, floor } from "./floor.js";
import { hallView } from "./view.js";

// With what the server takes to tell, a register's change is on the page within two seconds.
const FLOOR_MS = 900;
const PROBLEMS_MS = 15000;
const hall = { problems: [] };

export function asks() {
  return [[look, FLOOR_MS], [askProblems, PROBLEMS_MS]];
}

export function view(state) {
  return hallView(floor, hall, state.route.query.get("line"));
}

async function look() {
  await askFloor();
  follow(floor.machines, redraw);
}

async function askProblems() {
  hall.problems = (await get("/problems")).body.problems;
}
