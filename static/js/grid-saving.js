// Saving: what a cell and the page show of it, what a reply changes, what could not be saved. Sending is cell-queue.js.
import { CellQueue } from "./cell-queue.js";
import { showFiles, tellFiled } from "./file-marks.js";
import { dropConflict, freezeFixes, showConflict, showMarks } from "./grid-messages.js";
import { button, cellOf, fill, form, inputOf, keepFocus, nameOf, node, say, seen, shownOf, table, versionOf, words } from "./grid-sheet.js";
import { showPace } from "./target-bars.js";

const state = document.getElementById("save-state");
const banner = document.getElementById("net-banner");
const outputs = new Map();
for (const place of document.querySelectorAll("[data-out]")) {
  outputs.set(place.dataset.out, [...(outputs.get(place.dataset.out) || []), place]);
}
// Called with a reply's results and with the cells that others changed.
const listeners = { results: [], others: [] };
export const onResults = listener => listeners.results.push(listener);
export const onOthers = listener => listeners.others.push(listener);
const newer = new Map(); // cells that somebody changed while they were being typed in: told when the cell is left

export const queue = new CellQueue({
  prefix: `twr:${form.dataset.user}:${form.dataset.return}:`, url: form.action, person: Number(form.dataset.user),
  page: form.dataset.page, title: document.querySelector("h1").textContent.trim(),
  on: { cell: markCell, state: showState, reply: takeReply, closed: showClosed, signedOut: showSignedOut, otherPerson: showOtherPerson },
});
queue.since = form.dataset.since || "";

function markCell(cell, mark) {
  const el = inputOf(cell);
  if (!el) return;
  el.parentElement.dataset.s = mark;
  freezeFixes(el.closest("tr").dataset.row, true);
}

export function showState(name, detail) {
  if (!state) return;
  state.dataset.state = name;
  const texts = { saved: `${words.saved} ${detail || ""}`, saving: words.saving, waiting: fill(words.waiting, { n: detail }), failed: words.failed, conflict: words.choose };
  state.textContent = texts[name];
  if (name === "waiting") showBanner(fill(words.offline, { n: detail }));
  if (name === "saved" || name === "conflict") showBanner("");
}

function showBanner(...parts) {
  if (!banner) return;
  banner.textContent = "";
  banner.append(...parts);
  banner.hidden = !banner.textContent;
}

export function showSignedOut() {
  const link = () => node("a", { href: form.dataset.page, target: "_blank", rel: "noopener", textContent: words.loginLink });
  state.textContent = words.login + " ";
  state.append(link());
  showBanner(words.login + " ", link());
}

function showOtherPerson(message) {
  state.textContent = message;
  showBanner(message);
}

export function showClosed(message) {
  showState("failed");
  state.textContent = `${words.failed}: ${message}`;
  showBanner("");
  showKept(message);
}

// What could not be saved stays readable and can be copied, in the cell and in this list, until the person throws it away.
export function showKept(message) {
  const box = document.getElementById("kept");
  const ops = queue.kept().filter(op => op.raw !== shownOf(op.cell) || op.explanation !== undefined);
  box.hidden = !ops.length && !message;
  box.textContent = "";
  if (box.hidden) return;
  box.append(node("p", {}, node("b", { textContent: [message, ops.length ? words.kept : ""].filter(Boolean).join(" ") })));
  if (ops.length) {
    const line = op => [nameOf(op.cell), op.raw || words.blank, op.explanation || ""].filter(Boolean).join("\t");
    const text = node("textarea", { readOnly: true, rows: Math.min(ops.length, 8), value: ops.map(line).join("\n") });
    text.setAttribute("aria-label", words.kept);
    const discard = () => { if (window.confirm(words.discardAsk)) { ops.forEach(op => queue.forget(op.cell)); location.reload(); } };
    box.append(text, button(words.copy, () => copyFrom(text)), " ", button(words.discard, discard), " ");
  }
  box.append(button(words.retry, () => location.reload()));
}

// The clipboard object does not exist on plain HTTP; selecting and copying does.
function copyFrom(text) {
  text.select();
  document.execCommand("copy");
  say(words.copied);
}

export function commit(el) {
  const cell = cellOf(el);
  const waiting = queue.pending.get(cell);
  if (el.value.trim() !== (waiting ? waiting.raw : shownOf(cell)).trim()) {
    queue.put({ cell, raw: el.value, base: versionOf(cell) });
    newer.delete(cell);
    return;
  }
  if (waiting) return;
  queue.forget(cell);
  if (newer.has(cell)) { takeChange(newer.get(cell)); newer.delete(cell); }
}

export function put(cell, raw, more = {}) {
  const el = inputOf(cell);
  if (el) el.value = raw;
  queue.put({ cell, raw, base: versionOf(cell), ...more }); // a cell that only its ledger fills has no input
}

export function explain(cell, explanation) {
  const el = inputOf(cell);
  queue.put({ cell, raw: el ? el.value : shownOf(cell), base: versionOf(cell), explanation });
}

// Texts, marks and classes of a reply to a save, or to a beat that brought something.
export function takeReply(body) { keepFocus(() => showReply(body)); }

function showReply(body) {
  (body.cells || []).forEach(takeResult);
  for (const [name, text] of Object.entries(body.texts || {})) {
    for (const place of outputs.get(name) || []) if (place.textContent !== text) place.textContent = text;
  }
  for (const [row, classes] of Object.entries(body.rows || {})) {
    const tr = table.querySelector(`tr[data-row="${row}"]`);
    if (tr) tr.className = ["r", classes, tr.classList.contains("on") ? "on" : "", tr.classList.contains("keep") ? "keep" : ""].join(" ");
    const missing = document.querySelector(`[data-missing="${row}"]`);
    if (missing) missing.hidden = !classes.split(" ").includes("unfilled");
  }
  const unfilled = document.querySelector(".mg-missing");
  if (unfilled && body.rows) unfilled.hidden = !unfilled.querySelector("[data-missing]:not([hidden])");
  for (const [cell, raw] of Object.entries(body.ledger || {})) {
    const take = table.querySelector(`button[data-ledger="${cell}"]`);
    if (take) take.value = `${cell}=${raw}`;
  }
  for (const [cell, classes] of Object.entries(body.cell_classes || {})) {
    const el = inputOf(cell);
    if (el && !queue.pending.has(cell)) el.parentElement.className = "cell " + classes;
  }
  if (body.marks) showMarks(body.marks);
  showPace(body.late || {});
  const submit = document.querySelector("[data-deed=submit]");
  if (submit && body.submit) { submit.textContent = body.submit.label; submit.title = body.submit.reason; }
  takeNews(body);
  for (const listener of listeners.results) listener(body.cells || []);
}

function takeResult(result) {
  const el = inputOf(result.cell);
  dropConflict(result.cell);
  if (!el) { if (result.status === "saved") seen[result.cell] = [result.version, result.shown]; return; }
  const td = el.parentElement;
  if (result.status === "conflict") { td.dataset.s = "conflict"; showConflict(queue, el, result); return; }
  if (result.status === "refused") { td.dataset.s = "failed"; td.title = result.message || words.rejected; showKept(result.message); return; }
  const isNewer = queue.pending.has(result.cell);
  const hasMoved = document.activeElement === el && el.value.trim() !== shownOf(result.cell).trim() && el.value !== el.dataset.left;
  seen[result.cell] = [result.version, result.shown];
  if (isNewer) return;
  delete td.dataset.s;
  td.removeAttribute("title");
  if (!hasMoved) { el.value = result.shown; el.dataset.was = result.shown; }
  td.className = td.className.replace(/\bv-\w+/, "v-" + result.kind);
}

function takeNews(body) {
  if (body.since !== undefined) queue.since = body.since;
  const editors = document.getElementById("editors");
  if (editors && body.editors !== undefined && editors.textContent !== body.editors) editors.textContent = body.editors;
  const others = (body.changed || []).filter(change => change.version > versionOf(change.cell) && inputOf(change.cell));
  const taken = others.filter(takeChange);
  if (taken.length) say(fill(words.othersChanged, { by: taken[0].by, n: taken.length })); else tellFiled(body.filed || []);
  if (body.files) showFiles(body.files);
  for (const listener of listeners.others) listener(taken);
}

// Somebody else's figure appears where nobody types; elsewhere it waits, and a save in between shows both as a conflict.
function takeChange(change) {
  const el = inputOf(change.cell);
  if (document.activeElement === el) { newer.set(change.cell, change); return false; }
  if (queue.pending.has(change.cell)) return false;
  seen[change.cell] = [change.version, change.shown];
  el.value = change.shown;
  el.dataset.was = change.shown;
  const td = el.parentElement;
  td.className = td.className.replace(/\bv-\w+/, "v-" + change.kind);
  td.dataset.news = "1";
  td.title = fill(words.changedBy, { by: change.by });
  setTimeout(() => { delete td.dataset.news; }, 8000);
  return true;
}

// What earlier pages of this person kept goes out under its own name and id.
export function replay() {
  const kept = queue.kept();
  for (const op of kept) {
    const el = inputOf(op.cell);
    if (!el) continue;
    el.value = op.raw;
    queue.restore(op);
  }
  if (kept.length) say(fill(words.replayed, { n: kept.length }));
  if (kept.some(op => !inputOf(op.cell))) showKept("");
}
