// A question whose refusal is something to show, not a fault.

import { get, Refused } from "./client.js";

/** `{body}`, or `{refused}` with the problem where the server says no. */
export async function answer(path) {
  try {
    return { body: (await get(path)).body };
  } catch (fault) {
    if (fault instanceof Refused) return { refused: fault.problem };
    throw fault;
  }
}
