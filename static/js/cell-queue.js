// Typed cells on their way to the server: kept in this browser until acknowledged, merged, one request in flight,
// repeated with growing pauses. A cell's operation is {cell, raw, base, explanation?}; the server judges it by `base`.
const PAUSES = [2000, 4000, 8000, 16000, 30000];
const MERGE_PAUSE = 250;
const TIMEOUT = 20000;

export class CellQueue {
  // on: {cell(cell, state), state(state, detail), reply(body, sent), closed(message), signedOut()}
  constructor({ prefix, url, token, on }) {
    Object.assign(this, { prefix, url, token, on });
    this.pending = new Map();
    this.sent = null;
    this.serial = 0;
    this.tries = 0;
    this.timer = 0;
    this.renewed = false;
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
    try { localStorage.setItem(this.prefix + op.cell, JSON.stringify(op)); } catch (error) { /* full or forbidden: the queue still sends */ }
  }

  forget(cell) {
    this.pending.delete(cell);
    try { localStorage.removeItem(this.prefix + cell); } catch (error) { /* nothing was kept */ }
  }

  draft(op) { if (!this.pending.has(op.cell)) this.keep(op); }

  put(op) {
    const merged = Object.assign({}, this.pending.get(op.cell), op, { n: ++this.serial, held: false });
    this.pending.set(op.cell, merged);
    this.keep(merged);
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
    const ops = [...this.pending.values()].filter(op => !op.held);
    if (this.sent) return;
    if (!ops.length) { this.tell(true); return; }
    this.sent = new Map(ops.map(op => [op.cell, op.n]));
    this.on.state("saving", ops.length);
    let response = null;
    try { response = await this.post(ops); } catch (error) { response = null; }
    const cells = [...this.sent.keys()];
    await this.judge(response, cells);
  }

  post(ops) {
    const stop = new AbortController();
    const clock = setTimeout(() => stop.abort(), TIMEOUT);
    const cells = ops.map(op => {
      const cell = { cell: op.cell, raw: op.raw, base_version: op.base };
      return op.explanation === undefined ? cell : Object.assign(cell, { explanation: op.explanation });
    });
    return fetch(this.url, {
      method: "POST", credentials: "same-origin", redirect: "manual", signal: stop.signal, body: JSON.stringify({ cells }),
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.token, "X-Requested-With": "fetch" },
    }).finally(() => clearTimeout(clock));
  }

  async judge(response, cells) {
    if (!response || response.status >= 500) return this.wait(cells);
    if (response.type === "opaqueredirect") return this.waitForLogin(cells);
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    let body = null;
    try { body = isJson ? await response.json() : null; } catch (error) { return this.wait(cells); }
    if (response.ok && body) return this.settle(body);
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
    for (const result of body.cells) {
      const op = this.pending.get(result.cell);
      if (!op) continue;
      if (op.n !== sent.get(result.cell)) { op.base = result.status === "conflict" ? op.base : result.version; this.keep(op); continue; }
      if (result.status === "conflict") { op.held = true; this.keep(op); } else this.forget(result.cell);
    }
    this.on.reply(body, sent);
    if (this.size) return this.flush();
    const held = [...this.pending.values()].some(op => op.held);
    this.on.state(held ? "conflict" : "saved", body.saved_at);
    return this.tell(!held);
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

  // Returns "token" for a fresh one, "login" when the person is signed out, "" when neither could be learned.
  // After signing in again the page's token is stale: read a fresh one.
  async renew() {
    this.renewed = true;
    try {
      const response = await fetch(location.href, { credentials: "same-origin", redirect: "manual" });
      if (response.type === "opaqueredirect") return "login";
      if (!response.ok) return "";
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const token = page.querySelector("meta[name=csrf-token]");
      if (token) this.token = token.content;
      return token ? "token" : "";
    } catch (error) { return ""; }
  }
}
