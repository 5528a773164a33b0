// The entry grid and the village sheet: puts the parts together. What each does is in the modules.
import { CellMenu } from "./cell-menu.js";
import { Inspector } from "./inspector.js";
import { noteResults } from "./block-undo.js";
import { listen, listenOnPage, openHelp } from "./grid-keys.js";
import { commit, explain, onOthers, onResults, put, queue, replay, showKept, takeReply } from "./grid-saving.js";
import { cellOf, form, inputOf, isCell, isEntry, say, shownOf, table, versionOf, words } from "./grid-sheet.js";
import { check, currentArea, goTo, keepVisible, lightUp, offerZeros, show, startOnPhone } from "./grid-view.js";
import { askForZeros, onPaste, undo } from "./paste.js";
import { startBeat } from "./presence.js";

document.documentElement.classList.add("js");

const menu = new CellMenu({ words, onPut: (el, value) => { put(cellOf(el), value); el.focus(); el.select(); } });
const inspector = new Inspector({
  box: document.getElementById("inspector"), pattern: form.dataset.panel, onExplain: explain,
  onPut: (cell, value) => { put(cell, value); const el = inputOf(cell); if (el) el.focus(); },
  onComment: cell => { const row = document.getElementById("c-" + cell); if (row) row.closest("tr").classList.add("noted", "open"); },
});
onResults(noteResults);
onResults(offerZeros);
onResults(results => inspector.refresh(results.map(result => result.cell)));
onOthers(changes => inspector.refresh(changes.map(change => change.cell)));

function restore(el) {
  el.value = el.dataset.was || "";
  el.select();
  if (!queue.pending.has(cellOf(el))) queue.forget(cellOf(el));
}

// Whether the cell holds something that was not handed over yet.
function isTyping(el) {
  const waiting = queue.pending.get(cellOf(el));
  return el.value.trim() !== (waiting ? waiting.raw : shownOf(cellOf(el))).trim() && el.value !== el.dataset.left;
}

function saveNow() {
  const el = document.activeElement;
  if (isCell(el)) commit(el);
  if (queue.size) queue.flush(); else say(words.savedAnyway);
}

function onFocus(event) {
  const el = event.target;
  if (!isCell(el)) return;
  el.dataset.was = queue.pending.has(cellOf(el)) ? shownOf(cellOf(el)) || el.value : el.value;
  lightUp(el.closest("tr"));
  el.select();
  menu.attach(el);
  const area = el.closest("tbody").querySelector("tr.sec");
  if (area) currentArea(area.id);
  inspector.rest(cellOf(el));
}

let draftTimer = 0;
function onInput(event) {
  const el = event.target;
  if (!isCell(el) || event.isComposing) return;
  clearTimeout(draftTimer);
  draftTimer = setTimeout(() => queue.draft({ cell: cellOf(el), raw: el.value, base: versionOf(cellOf(el)) }), 300);
}

function onLeave(event) {
  if (!isCell(event.target)) return;
  clearTimeout(draftTimer);
  event.target.dataset.left = event.target.value;
  commit(event.target);
}

function onClick(event) {
  const link = event.target.closest("a, button");
  if (!link || event.ctrlKey || event.metaKey) return;
  if (link.dataset.show) { event.preventDefault(); show(link.dataset.show); }
  else if (link.dataset.cell) { event.preventDefault(); lightUp(link.closest("tr.r")); inspector.open(link.dataset.cell); }
  else if (link.dataset.goto) { if (goTo(link.dataset.goto, inspector)) event.preventDefault(); }
  else if (link.name === "fix") fix(event, link);
  else if ("check" in link.dataset) { event.preventDefault(); check(queue); }
  else if ("zeros" in link.dataset) askForZeros(link);
  else if ("keysHelp" in link.dataset) openHelp();
  else if (link.dataset.deed) leaveFor(link, event);
}

function fix(event, button) {
  event.preventDefault();
  const [cell, value] = button.value.split("=");
  put(cell, value);
  const el = inputOf(cell);
  if (el) el.focus();
}

// A deed rests on what is saved: send first, then go.
async function leaveFor(link, event) {
  if (isCell(document.activeElement)) commit(document.activeElement);
  if (!queue.size && !queue.sent) return;
  event.preventDefault();
  if (await queue.idle()) location.href = link.href; else say(words.leave);
}

function toHash() {
  if (location.hash.startsWith("#c-")) goTo(decodeURIComponent(location.hash.slice(3)), inspector);
}

// The cell that the address asks for, or the first that a return came back for.
function toStart() {
  if (location.hash.startsWith("#c-")) { toHash(); return; }
  const cell = new URL(location.href).searchParams.get("cell") || (location.hash ? "" : form.dataset.marked);
  if (cell) goTo(cell, inspector);
}

document.addEventListener("click", onClick);
document.addEventListener("twr:reply", event => takeReply(event.detail));
if (isEntry) {
  const settle = el => { commit(el); return queue.idle(); };
  listen(table, { commit, settle, restore, isTyping, undo, menu: el => menu.open(el), comment: el => inspector.comment(cellOf(el)) });
  table.addEventListener("focusin", onFocus);
  table.addEventListener("input", onInput);
  table.addEventListener("paste", onPaste);
  table.addEventListener("focusout", onLeave);
  form.addEventListener("submit", event => { event.preventDefault(); queue.flush(); });
  for (const el of document.querySelectorAll(".mg-js")) el.hidden = false;
  for (const el of document.querySelectorAll(".mg-nojs")) el.hidden = true;
  listenOnPage({ check: () => { if (document.querySelector("[data-check]")) check(queue); }, save: saveNow, help: openHelp });
  offerZeros();
  replay();
  startBeat();
} else showKept("");
keepVisible();
startOnPhone();
toStart();
window.addEventListener("hashchange", toHash);
