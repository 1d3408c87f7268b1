// Health: what feeds the ledger, what to do where something is wrong, and what bills say of it.

import { answer } from "../server/answer.js";
import { get, LONG_PATIENCE_MS, post } from "../server/client.js";
import { redraw } from "../shell/redraw.js";
import { routeNow } from "../shell/route.js";
import { healthView } from "./view.js";

const PROBLEMS_MS = 10000;
const METERS_MS = 20000;
const BILLS_MS = 120000;
const health = { problems: null, meters: null, told: {} };

export function asks(route) {
  return [
    [async () => { health.problems = (await get("/problems")).body.problems; }, PROBLEMS_MS],
    [async () => { health.meters = (await get("/meters")).body.meters; }, METERS_MS],
    [() => reconcile(route), BILLS_MS],
  ];
}

export function view(state) {
  return healthView(state.health, health, { enterBill, explainBill, explainMass });
}

async function reconcile(route) {
  const month = route.query.get("month");
  const found = await answer(`/reconciliation${month ? `?${new URLSearchParams({ month })}` : ""}`, LONG_PATIENCE_MS);
  if (routeNow().query.get("month") === month) Object.assign(health.told, { body: found.body, refused: found.refused });
}

const enterBill = (said) => sent("bill-form", "/bills", said);
const explainBill = (bill, why) => sent(bill, "/bills/notes", { bill, why });
const explainMass = (month, why) => sent("mass", "/reconciliation/notes", { month, why });

/** Say something; whether it was taken in. */
async function sent(about, path, said) {
  const found = await post(path, said);
  Object.assign(health.told, { about, said: found.refused || null });
  if (found.body) await reconcile(routeNow());
  redraw();
  return Boolean(found.body);
}
