// A question whose refusal is something to show, not a fault.

import { get, Refused } from "./client.js";

/** `{body}`, or `{refused}` with the problem where the server says no; `pathOf()` is refused itself
 *  where a name in it cannot be asked for. */
export async function answer(pathOf, patience) {
  try {
    const path = typeof pathOf === "function" ? pathOf() : pathOf;
    return { body: (await get(path, patience)).body };
  } catch (fault) {
    if (fault instanceof Refused) return { refused: fault.problem };
    throw fault;
  }
}
