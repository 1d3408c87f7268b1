// How long a machine has done nothing: idle since its last run ended, silent since it was last heard.

import { lasting } from "../i18n/times.js";
import { say } from "../i18n/words.js";
import { now } from "../server/clock.js";

/** "Idle for 2 h 5 min" or "Silent for 20 min"; "" where nobody knows, or where it is not so. */
export function restingFor({ state, batch, at, since }) {
  const from = state === "silent" ? at : state === "idle" && !batch ? since : null;
  if (!from || now() === null) return "";
  return say(`machine.${state}for`, lasting(from, new Date(now()).toISOString()));
}
