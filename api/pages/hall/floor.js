// The machines as the server last told of them; the hall and an opened machine look at the same.

import { get } from "../server/client.js";

export const floor = { machines: null, currency: null };

export async function askFloor() {
  const { body } = await get("/machines");
  floor.machines = body.machines;
  floor.currency = body.currency;
}
