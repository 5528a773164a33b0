// Typed cells on their way to the server: kept in this browser until acknowledged, merged, one request in flight,
// repeated with growing pauses. A cell's operation is {cell, raw, base, explanation?, id, after}; the server judges it by
// `base`, answers a second sending of the same `id` with the first result, and takes `after` (ids sent before it for the
// same cell and never answered) for what was on the screen.
import { csrfToken, freshToken } from "./sending.js";

const PAUSES = [2000, 4000, 8000, 16000, 30000];
const MERGE_PAUSE = 250;
const TIMEOUT = 20000;
const MOST_AT_ONCE = 200;
const MOST_UNANSWERED = 8;

// crypto.randomUUID does not exist on plain HTTP.
export function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, "0")).join("");
}

export class CellQueue {
  // on: {cell(cell, state), state(state, detail), reply(body, sent), closed(message), signedOut(), otherPerson(message)}
  // page, title: where a kept cell is looked at again.
  constructor({ prefix, url, person, page, title, on }) {
    Object.assign(this, { prefix, url, person, page, title, on });
    this.pending = new Map();
    this.sent = null;
    this.serial = 0;
    this.tries = 0;
    this.timer = 0;
    this.renewed = false;
    this.since = "";
    this.waiters = [];
    window.addEventListener("online", () => this.flush());
    document.addEventListener("visibilitychange", () => { if (!document.hidden && this.size) this.flush(); });
  }

  get size() { return [...this.pending.values()].filter(op => !op.held).length; }

  kept() {
    const found = [];
    try {
      for (let i = 0; i < localStorage.length; i++) {
        const key = localStorage.key(i);
        if (key.startsWith(this.prefix)) found.push(JSON.parse(localStorage.getItem(key)));
      }
    } catch (error) { return []; }
    return found.filter(op => op && typeof op.cell === "string" && typeof op.raw === "string");
  }

  keep(op) {
    try { localStorage.setItem(this.prefix + op.cell, JSON.stringify(Object.assign({ page: this.page, title: this.title }, op))); } catch (error) { /* full or forbidden: the queue still sends */ }
  }

  forget(cell) {
    this.pending.delete(cell);
    try { localStorage.removeItem(this.prefix + cell); } catch (error) { /* nothing was kept */ }
  }

  draft(op) { if (!this.pending.has(op.cell)) this.keep(op); }

  put(op) {
    const before = this.pending.get(op.cell) || {};
    const after = before.wasSent ? [...(before.after || []), before.id].slice(-MOST_UNANSWERED) : before.after || [];
    this.add(Object.assign({}, before, op, { id: newId(), after, wasSent: false, held: false }));
  }

  // What an earlier page kept: the same operation again, under its own id. A draft never had one.
  restore(op) {
    if (op.id) this.add(Object.assign({}, op, { held: false })); else this.put(op);
  }

  add(op) {
    op.n = ++this.serial;
    this.pending.set(op.cell, op);
    this.keep(op);
    this.on.cell(op.cell, this.tries ? "waiting" : "saving");
    if (!this.tries) this.schedule(MERGE_PAUSE);
  }

  schedule(pause) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), pause);
  }

  // Resolves with true when nothing is left to send, with false when it could not be sent.
  idle() {
    if (!this.size && !this.sent) return Promise.resolve(true);
    return new Promise(resolve => { this.waiters.push(resolve); this.flush(); });
  }

  tell(result) { this.waiters.splice(0).forEach(resolve => resolve(result)); }

  async flush() {
    clearTimeout(this.timer);
    const ops = [...this.pending.values()].filter(op => !op.held).slice(0, MOST_AT_ONCE);
    if (this.sent) return;
    if (!ops.length) { this.tell(true); return; }
    this.sent = new Map(ops.map(op => [op.cell, op.n]));
    for (const op of ops) if (!op.wasSent) { op.wasSent = true; this.keep(op); }
    this.on.state("saving", this.size);
    let response = null;
    try { response = await this.post(ops); } catch (error) { response = null; }
    await this.judge(response, [...this.sent.keys()]);
  }

  post(ops) {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), TIMEOUT);
    const cells = ops.map(op => {
      const cell = { cell: op.cell, raw: op.raw, base_version: op.base, op_id: op.id, after: op.after };
      return op.explanation === undefined ? cell : Object.assign(cell, { explanation: op.explanation });
    });
    return this.send(this.url, { cells }, stop.signal).finally(() => clearTimeout(clock));
  }

  // Every request says whose page it is: after a change of person in another tab nothing goes out under a wrong name.
  send(url, body, signal) {
    return fetch(url, {
      method: "POST", credentials: "same-origin", redirect: "manual", signal,
      body: JSON.stringify(Object.assign({ by: this.person, since: this.since }, body)),
      headers: { "Content-Type": "application/json", "X-CSRFToken": csrfToken(), "X-Requested-With": "fetch" },
    });
  }

  async judge(response, cells) {
    if (!response || response.status >= 500) return this.wait(cells);
    if (response.type === "opaqueredirect") return this.waitForLogin(cells);
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    let body = null;
    try { body = isJson ? await response.json() : null; } catch (error) { return this.wait(cells); }
    if (response.ok && body) return this.settle(body);
    if (body && body.other_person) return this.waitForPerson(cells, body.message);
    if (!body && response.status === 403 && !this.renewed) {
      const found = await this.renew();
      if (found === "login") return this.waitForLogin(cells);
      if (found === "token") { this.sent = null; return this.flush(); }
    }
    this.sent = null;
    cells.forEach(cell => this.on.cell(cell, "failed"));
    this.on.closed(body ? body.message : String(response.status));
    return this.tell(false);
  }

  settle(body) {
    const sent = this.sent;
    this.sent = null;
    this.tries = 0;
    this.renewed = false;
    for (const result of body.cells) this.settleCell(result, sent);
    this.on.reply(body, sent);
    if (this.size) return this.flush();
    const held = [...this.pending.values()].some(op => op.held);
    this.on.state(held ? "conflict" : "saved", body.saved_at);
    return this.tell(!held);
  }

  settleCell(result, sent) {
    const op = this.pending.get(result.cell);
    if (!op) return;
    const isDone = result.status === "saved" || result.status === "unchanged";
    if (op.n === sent.get(result.cell)) {
      if (isDone) { this.forget(result.cell); return; }
      Object.assign(op, { held: true, wasSent: false, after: [] });
    } else if (isDone) Object.assign(op, { base: result.version, after: [] });
    this.keep(op);
  }

  wait(cells) {
    this.sent = null;
    const pause = PAUSES[Math.min(this.tries++, PAUSES.length - 1)];
    cells.forEach(cell => this.on.cell(cell, "waiting"));
    this.on.state("waiting", this.size);
    this.tell(false);
    this.schedule(pause);
  }

  waitForLogin(cells) {
    this.renewed = false;
    this.wait(cells);
    this.on.signedOut();
  }

  waitForPerson(cells, message) {
    this.renewed = false;
    this.wait(cells);
    this.on.otherPerson(message);
  }

  async renew() {
    this.renewed = true;
    const found = await freshToken(); // somebody else's is tried too: the server says then whose page it is
    return found === "other" ? "token" : found;
  }
}
