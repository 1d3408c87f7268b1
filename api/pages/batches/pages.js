// The list of batches as far as it was read: the newest page is asked for again and again, older
// pages only by "more". A hundred thousand batches are a hundred thousand only to the server.

import { get } from "../server/client.js";

const PAGE = 50;
/** What batches can be looked for by, as the address and the API name it. */
const FIELDS = ["q", "article", "colour", "order", "machine", "from", "to"];

export class BatchPages {
  constructor() {
    this.batches = [];
    this.next = null;
    this.known = false;
    this.reading = false;
    this.query = "";
  }

  /** What is looked for, as the address says it; another search begins anew. */
  find(asked) {
    const query = new URLSearchParams([...asked].filter(([key, value]) => FIELDS.includes(key) && value));
    if (String(query) === this.query) return;
    this.query = String(query);
    this.batches = [];
    this.next = null;
    this.known = false;
  }

  shown() {
    return this.batches;
  }

  /** Ask for the newest page and lay it over what is known. */
  async refresh() {
    const { query } = this;
    const { body, next } = await get(`/batches?limit=${PAGE}${query ? `&${query}` : ""}`);
    if (query !== this.query) return;
    const fresh = body.batches;
    const ids = new Set(fresh.map((batch) => batch.id));
    const overlaps = this.batches.some((batch) => ids.has(batch.id));
    // More than a page of new ones since the last look: begin again rather than leave a hole.
    const older = overlaps && this.batches.length > PAGE
      ? this.batches.filter((batch) => !ids.has(batch.id)) : [];
    if (older.length === 0) this.next = next;
    this.batches = [...fresh.map((batch) => this.same(batch)), ...older];
    this.known = true;
  }

  /** The object already shown if nothing in it changed, so that its row need not be compared. */
  same(batch) {
    const before = this.batches.find((one) => one.id === batch.id);
    return before && JSON.stringify(before) === JSON.stringify(batch) ? before : batch;
  }

  async more() {
    if (!this.next || this.reading) return;
    this.reading = true;
    try {
      const { body, next } = await get(this.next);
      const ids = new Set(this.batches.map((batch) => batch.id));
      this.batches = [...this.batches, ...body.batches.filter((batch) => !ids.has(batch.id))];
      this.next = next;
    } finally {
      this.reading = false;
    }
  }
}
