// Asks again and again while somebody looks: never two questions at once, slower while the server
// does not answer (2, 4, 8 … 30 s, with jitter so that twenty tablets do not return together).

import { KeyNeeded, Lost, Refused } from "./client.js";

const SLOWEST_MS = 30000;
const polls = new Set();

export class Poll {
  /** `work()` asks and stores, and may answer how soon it is to be done again [ms]; `told(fault)`
   *  follows each answer or failure; `lost` says that the connection was lost when this poll began. */
  constructor(work, everyMs, told, lost = false) {
    this.work = work;
    this.everyMs = everyMs;
    this.told = told;
    this.failures = lost ? 2 : 0;
    this.lost = lost;
    this.wantsKey = false;
    this.refused = null;
    this.timer = null;
    this.busy = false;
    this.running = false;
  }

  start() {
    this.running = true;
    polls.add(this);
    this.soon(0);
  }

  stop() {
    this.running = false;
    polls.delete(this);
    clearTimeout(this.timer);
  }

  soon(ms) {
    clearTimeout(this.timer);
    if (this.running && !document.hidden) this.timer = setTimeout(() => this.ask(), ms);
  }

  async ask() {
    if (this.busy) return;
    this.busy = true;
    let fault = null;
    let again;
    try {
      again = await this.work();
    } catch (error) {
      fault = error;
    }
    this.busy = false;
    this.settle(fault);
    this.soon(this.failures ? this.backoff() : again ?? this.everyMs);
    this.told(fault);
  }

  settle(fault) {
    this.lost = fault instanceof Lost;
    this.wantsKey = this.lost ? this.wantsKey : fault instanceof KeyNeeded;
    this.refused = fault instanceof Refused ? fault.problem : null;
    this.failures = this.lost || this.wantsKey ? this.failures + 1 : 0;
  }

  backoff() {
    const wait = Math.min(SLOWEST_MS, 1000 * 2 ** Math.min(this.failures, 6));
    return wait * (0.75 + Math.random() / 2);
  }
}

/** True when a poll in use failed twice running: one lost packet is not worth a word. */
export function connectionLost() {
  return [...polls].some((poll) => poll.lost && poll.failures >= 2);
}

export function keyWanted() {
  return [...polls].some((poll) => poll.wantsKey);
}

export function askAllNow() {
  for (const poll of polls) poll.soon(0);
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) askAllNow();
});
window.addEventListener("online", askAllNow);
