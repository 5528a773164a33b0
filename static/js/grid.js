// The entry grid and the village sheet: keys, what cells look like, messages under rows, filters. Saving is cell-queue.js.
import { CellQueue } from "./cell-queue.js";
import { CellMenu } from "./cell-menu.js";
import { Inspector } from "./inspector.js";

document.documentElement.classList.add("js");
const form = document.getElementById("grid");
const table = form.querySelector("table");
const words = document.getElementById("grid-strings").dataset;
const live = document.getElementById("live");
const state = document.getElementById("save-state");
const isEntry = "grid" in form.dataset;
const seen = isEntry ? JSON.parse(form.elements.seen.value) : {};
const outputs = new Map();
for (const place of document.querySelectorAll("[data-out]")) {
  outputs.set(place.dataset.out, [...(outputs.get(place.dataset.out) || []), place]);
}

const columns = table.tHead.rows[0].cells.length;
let quiet = 0;
function say(text) {
  live.textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => { live.textContent = ""; }, 12000);
}
const inputOf = cell => { const el = document.getElementById("c-" + cell); return el && el.matches("input") ? el : null; };
const cellOf = el => el.id.slice(2);
const versionOf = cell => (seen[cell] || [0, ""])[0];
const shownOf = cell => (seen[cell] || [0, ""])[1];
const isCell = el => el.matches("td.cell input");
function node(tag, properties, ...children) {
  const el = Object.assign(document.createElement(tag), properties);
  el.append(...children);
  return el;
}

// --- saving ---------------------------------------------------------------------------------------------------------

const queue = new CellQueue({
  prefix: `twr:${form.dataset.user}:${form.dataset.return}:`, url: form.action,
  token: (document.querySelector("meta[name=csrf-token]") || {}).content || "",
  on: { cell: markCell, state: showState, reply: takeReply, closed: showClosed, signedOut: showSignedOut },
});

function markCell(cell, mark) {
  const el = inputOf(cell);
  if (!el) return;
  el.parentElement.dataset.s = mark;
  freezeFixes(el.closest("tr").dataset.row, true);
}

// A suggestion for what stood there before must not be taken for what was typed since.
function freezeFixes(row, isFrozen) {
  for (const button of table.querySelectorAll(`tr.msg[data-of="${row}"] button[name=fix]`)) button.disabled = isFrozen;
}

function showState(name, detail) {
  if (!state) return;
  state.dataset.state = name;
  const texts = { saved: `${words.saved} ${detail || ""}`, saving: words.saving, waiting: words.waiting.replace("{n}", detail), failed: words.failed, conflict: words.choose };
  state.textContent = texts[name];
}

function showSignedOut() {
  state.textContent = words.login + " ";
  state.append(node("a", { href: form.action.replace(/cells\/$/, ""), target: "_blank", rel: "noopener", textContent: words.loginLink }));
}

function showClosed(message) {
  showState("failed");
  state.textContent = `${words.failed}: ${message}`;
  showKept(message);
}

// What could not be saved stays readable, in the cell and in this list, until the person throws it away.
function showKept(message) {
  const box = document.getElementById("kept");
  const ops = queue.kept().filter(op => op.raw !== shownOf(op.cell) || op.explanation !== undefined);
  box.hidden = !ops.length;
  box.textContent = "";
  if (!ops.length) return;
  const list = node("ul", {}, ...ops.map(op => node("li", { textContent: `${nameOf(op.cell)}: ${op.raw || words.blank}` })));
  const discard = node("button", { type: "button", className: "btn2 sm", textContent: words.discard });
  discard.addEventListener("click", () => { ops.forEach(op => queue.forget(op.cell)); location.reload(); });
  const retry = node("button", { type: "button", className: "btn2 sm", textContent: words.retry });
  retry.addEventListener("click", () => location.reload());
  box.append(node("p", {}, node("b", { textContent: [message, words.kept].filter(Boolean).join(" ") })), list, retry, discard);
}

function nameOf(cell) {
  const el = document.getElementById("c-" + cell);
  const label = el && el.getAttribute("aria-label");
  const row = el && el.closest("tr");
  return label || (row ? row.querySelector("th").textContent.trim() : cell);
}

function commit(el) {
  const cell = cellOf(el);
  const waiting = queue.pending.get(cell);
  if (el.value.trim() === (waiting ? waiting.raw : shownOf(cell)).trim()) {
    if (!waiting) queue.forget(cell);
    return;
  }
  queue.put({ cell, raw: el.value, base: versionOf(cell) });
}

function put(cell, raw) {
  const el = inputOf(cell);
  if (el) el.value = raw;
  queue.put({ cell, raw, base: versionOf(cell) }); // a cell that only its ledger fills has no input
  if (el) el.focus();
}

function explain(cell, explanation) {
  const el = inputOf(cell);
  queue.put({ cell, raw: el ? el.value : shownOf(cell), base: versionOf(cell), explanation });
}

// --- the reply ------------------------------------------------------------------------------------------------------

function takeReply(body) {
  body.cells.forEach(takeResult);
  for (const [name, text] of Object.entries(body.texts)) {
    for (const place of outputs.get(name) || []) if (place.textContent !== text) place.textContent = text;
  }
  for (const [row, classes] of Object.entries(body.rows || {})) {
    const tr = table.querySelector(`tr[data-row="${row}"]`);
    if (tr) tr.className = ["r", classes, tr.classList.contains("on") ? "on" : "", tr.classList.contains("keep") ? "keep" : ""].join(" ");
  }
  for (const [cell, raw] of Object.entries(body.ledger || {})) {
    const take = table.querySelector(`button[data-ledger="${cell}"]`);
    if (take) take.value = `${cell}=${raw}`;
  }
  for (const [cell, classes] of Object.entries(body.cell_classes || {})) {
    const el = inputOf(cell);
    if (el && !queue.pending.has(cell)) el.parentElement.className = "cell " + classes;
  }
  showMarks(body.marks);
  const submit = document.querySelector("[data-deed=submit]");
  if (submit && body.submit) { submit.textContent = body.submit.label; submit.title = body.submit.reason; }
  inspector.refresh(body.cells.map(result => result.cell));
}

function takeResult(result) {
  const el = inputOf(result.cell);
  const old = table.querySelector(`tr[data-conflict="${result.cell}"]`);
  if (old) old.remove();
  if (!el) { if (result.status === "saved") seen[result.cell] = [result.version, result.shown]; return; }
  const td = el.parentElement;
  if (result.status === "conflict") { td.dataset.s = "conflict"; showConflict(el, result); return; }
  if (result.status === "refused") { td.dataset.s = "failed"; td.title = result.message || words.rejected; return; }
  const isNewer = queue.pending.has(result.cell);
  const hasMoved = document.activeElement === el && el.value.trim() !== shownOf(result.cell).trim() && el.value !== el.dataset.left;
  seen[result.cell] = [result.version, result.shown];
  if (isNewer) return;
  delete td.dataset.s;
  td.removeAttribute("title");
  if (!hasMoved) { el.value = result.shown; el.dataset.was = result.shown; }
  td.className = td.className.replace(/\bv-\w+/, "v-" + result.kind);
}

function showConflict(el, result) {
  const other = result.other;
  const text = words.conflict.replace("{by}", other.by).replace("{at}", other.at).replace("{other}", other.raw || words.blank).replace("{mine}", el.value || words.blank);
  const mine = node("button", { type: "button", className: "btn2 sm", textContent: `${words.keepMine} ${el.value || words.blank}` });
  const theirs = node("button", { type: "button", className: "btn2 sm", textContent: `${words.takeTheirs} ${other.raw || words.blank}` });
  mine.addEventListener("click", () => { seen[result.cell] = [other.version, other.raw]; queue.put({ cell: result.cell, raw: el.value, base: other.version }); el.focus(); });
  theirs.addEventListener("click", () => {
    queue.forget(result.cell);
    seen[result.cell] = [other.version, other.raw];
    el.value = other.raw;
    queue.put({ cell: result.cell, raw: other.raw, base: other.version });
    el.focus();
  });
  const td = node("td", { colSpan: columns }, node("p", { className: "error" }, text + " ", mine, theirs));
  const tr = node("tr", { className: "msg error" }, td);
  tr.dataset.conflict = result.cell;
  el.closest("tr").after(tr);
  say(text);
}

function showMarks(marks) {
  for (const tr of table.querySelectorAll("tr[data-row]")) {
    const key = tr.dataset.row;
    const messages = marks[key];
    const now = messages ? JSON.stringify(messages) : "";
    const standing = table.querySelector(`tr.msg[data-of="${key}"]`);
    if (standing && standing.dataset.now === now) { freezeFixes(key, false); continue; }
    if (standing) standing.remove();
    for (const el of tr.querySelectorAll("td.cell input")) describe(el, messages, key);
    if (messages) tr.after(messageRow(key, messages, now));
  }
}

function describe(el, messages, key) {
  const mine = (messages || []).filter(row => row.cell === cellOf(el));
  if (messages) el.setAttribute("aria-describedby", "m-" + key); else el.removeAttribute("aria-describedby");
  if (mine.some(row => row.level === "error")) el.setAttribute("aria-invalid", "true"); else el.removeAttribute("aria-invalid");
}

function messageRow(key, messages, now) {
  const td = node("td", { colSpan: columns }, ...messages.map(message));
  const level = ["error", "query", "hint"].find(name => messages.some(row => row.level === name));
  const tr = node("tr", { className: "msg " + level, id: "m-" + key }, td);
  tr.dataset.of = key;
  tr.dataset.now = now;
  return tr;
}

function message(row) {
  const p = node("p", { className: row.level, textContent: row.text + " " });
  if (row.fix && inputOf(row.cell)) p.append(node("button", { className: "btn2 sm", name: "fix", value: `${row.cell}=${row.fix}`, textContent: row.fix_label }), " ");
  if (row.link) p.append(node("a", { href: row.link, textContent: row.link_label }), " ");
  if (row.cell.includes("@") && !inputOf(row.cell)) p.append(sheetLink(row.cell));
  else if (row.level === "query" && inputOf(row.cell)) {
    const link = node("a", { href: `?cell=${encodeURIComponent(row.cell)}#inspector`, textContent: words.explain });
    link.dataset.cell = row.cell;
    p.append(link);
  }
  return p;
}

// A village's cell is filled and explained on the village sheet, which the row of every village indicator links to.
function sheetLink(cell) {
  const sheet = table.querySelector("tr.k-village td.x a");
  const query = `?cell=${encodeURIComponent(cell)}#c-${cell}`;
  return sheet ? node("a", { href: sheet.href + query, textContent: words.sheet }) : "";
}

// --- keys -----------------------------------------------------------------------------------------------------------

const visible = el => el.offsetParent !== null;
const lines = () => [...table.querySelectorAll("tr.r")].map(tr => [...tr.querySelectorAll("td.cell input")].filter(visible)).filter(line => line.length);

function go(el, down, right) {
  const all = lines();
  const line = all.findIndex(row => row.includes(el));
  const column = all[line].indexOf(el) + right;
  const target = (all[line + down] || [])[down ? Math.min(column, (all[line + down] || []).length - 1) : column];
  if (target) { target.focus(); target.select(); }
  return Boolean(target);
}

function isWholeSelected(el) { return el.selectionStart === 0 && el.selectionEnd === el.value.length; }

const KEYS = {
  Enter: (el, event) => { if (!go(el, event.shiftKey ? -1 : 1, 0)) commit(el); return true; },
  ArrowDown: (el, event) => { if (event.altKey) menu.open(el); else go(el, 1, 0); return true; },
  ArrowUp: el => { go(el, -1, 0); return true; },
  ArrowLeft: el => isWholeSelected(el) && go(el, 0, -1),
  ArrowRight: el => isWholeSelected(el) && go(el, 0, 1),
  Escape: el => { el.value = el.dataset.was || ""; el.select(); queue.pending.has(cellOf(el)) || queue.forget(cellOf(el)); return true; },
  F2: el => { el.setSelectionRange(el.value.length, el.value.length); return true; },
};

function onKey(event) {
  const el = event.target;
  if (!isCell(el) || event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey) return;
  const key = KEYS[event.key];
  if (key && key(el, event)) event.preventDefault();
}

// A copied column or block fills cells from here on, one value a cell; without this the browser would join lines into one number.
function onPaste(event) {
  const el = event.target;
  const text = event.clipboardData.getData("text/plain").replace(/\r/g, "").replace(/\n+$/, "");
  if (!isCell(el) || !/[\n\t]/.test(text)) return;
  event.preventDefault();
  const block = text.split("\n").map(line => line.split("\t"));
  const all = lines();
  const top = all.findIndex(row => row.includes(el)), left = all[top].indexOf(el);
  if (all[top].length === 1 && block.some(row => row.length > 1)) { say(words.oneColumn); return; }
  let placed = 0, over = 0;
  block.forEach((row, down) => row.forEach((raw, right) => {
    const target = (all[top + down] || [])[left + right];
    if (!target) { over += raw.trim() ? 1 : 0; return; }
    target.value = raw.trim().slice(0, 200);
    commit(target);
    placed += 1;
  }));
  say(words.pasted.replace("{n}", placed) + (over ? words.over.replace("{n}", over) : ""));
}

async function check(event) {
  if (event) event.preventDefault();
  await queue.idle();
  const count = classes => table.querySelectorAll(classes).length;
  const issues = count("tr.r.error, tr.r.query"), blank = count("tr.r.needed");
  if (!issues && !blank) { show("all"); say(words.nothing); if (state) state.textContent = words.nothing; return; }
  show("check");
  say(words.checked.replace("{blank}", blank).replace("{issues}", issues));
  const first = [...table.querySelectorAll("tr.r")].find(visible);
  const target = first && (first.querySelector("td.cell input") || first.querySelector("td.x a, a.def"));
  if (!target) return;
  target.focus({ preventScroll: true });
  first.scrollIntoView({ block: "center" });
  if (isCell(target)) target.select();
}

function onPageKey(event) {
  if (event.key === "F9" && document.querySelector("[data-check]")) check(event);
  if (event.key === "s" && (event.ctrlKey || event.metaKey) && isEntry) {
    event.preventDefault();
    if (document.activeElement && isCell(document.activeElement)) commit(document.activeElement);
    queue.flush();
  }
}

// --- focus, filters, links --------------------------------------------------------------------------------------------

function onFocus(event) {
  const el = event.target;
  if (!isCell(el)) return;
  el.dataset.was = shownOf(cellOf(el)) || el.value;
  if (!queue.pending.has(cellOf(el))) el.dataset.was = el.value;
  lightUp(el.closest("tr"));
  el.select();
  menu.attach(el);
  const area = el.closest("tbody").querySelector("tr.sec");
  if (area) currentArea(area.id);
  inspector.rest(cellOf(el));
}

function lightUp(row) {
  if (!row) return;
  for (const old of table.querySelectorAll("tr.on")) old.classList.remove("on");
  row.classList.add("on");
}

function currentArea(id) {
  for (const link of document.querySelectorAll(".mg-rail a")) {
    if (link.getAttribute("href") === "#" + id) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  }
}

let draftTimer = 0;
function onInput(event) {
  const el = event.target;
  if (!isCell(el)) return;
  clearTimeout(draftTimer);
  draftTimer = setTimeout(() => queue.draft({ cell: cellOf(el), raw: el.value, base: versionOf(cellOf(el)) }), 300);
}

function show(name) {
  for (const row of table.querySelectorAll("tr.keep")) row.classList.remove("keep");
  table.dataset.show = name;
  for (const link of document.querySelectorAll(".mg-seg a")) {
    if (link.dataset.show === name) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  }
  keepVisible();
  const address = new URL(location.href);
  address.searchParams.set("show", name);
  address.searchParams.delete("cell");
  history.replaceState(null, "", address);
}

// Rows that match the filter when it is chosen stay, even when typing makes them match no more; empty areas go.
function keepVisible() {
  let count = 0;
  for (const body of table.tBodies) {
    body.hidden = false;
    const rows = [...body.querySelectorAll("tr.r")].filter(row => getComputedStyle(row).display !== "none");
    rows.forEach(row => row.classList.add("keep"));
    body.hidden = !rows.length;
    count += rows.length;
  }
  const none = document.querySelector(".mg-none");
  if (none) none.hidden = count > 0;
}

function goTo(cell) {
  const target = document.getElementById("c-" + cell);
  if (!target) return false;
  if (target.offsetParent === null) show("all");
  target.scrollIntoView({ block: "center" });
  if (target.matches("input")) target.focus(); else inspector.open(cell);
  return true;
}

function onClick(event) {
  const link = event.target.closest("a, button");
  if (!link || event.ctrlKey || event.metaKey) return;
  if (link.dataset.show) { event.preventDefault(); show(link.dataset.show); }
  else if (link.dataset.cell) { event.preventDefault(); lightUp(link.closest("tr.r")); inspector.open(link.dataset.cell); }
  else if (link.dataset.goto) { if (goTo(link.dataset.goto)) event.preventDefault(); }
  else if (link.name === "fix") { event.preventDefault(); const [cell, value] = link.value.split("="); put(cell, value); }
  else if ("check" in link.dataset) check(event);
  else if ("keysHelp" in link.dataset) toggleHelp(link);
  else if (link.dataset.deed) leaveFor(link, event);
}

function toggleHelp(button) {
  const help = document.getElementById("keys-help");
  help.hidden = !help.hidden;
  button.setAttribute("aria-expanded", String(!help.hidden));
}

// A deed rests on what is saved: send first, then go.
async function leaveFor(link, event) {
  if (document.activeElement && isCell(document.activeElement)) commit(document.activeElement);
  if (!queue.size && !queue.sent) return;
  event.preventDefault();
  if (await queue.idle()) location.href = link.href; else say(words.leave);
}

const menu = new CellMenu({ words, onPut: (el, value) => { put(cellOf(el), value); el.select(); } });

const inspector = new Inspector({
  box: document.getElementById("inspector"), pattern: form.dataset.panel, token: () => queue.token,
  onExplain: explain, onPut: put,
  onComment: cell => { const row = document.getElementById("c-" + cell); if (row) row.closest("tr").classList.add("noted", "open"); },
});

document.addEventListener("click", onClick);
if (isEntry) {
  table.addEventListener("keydown", onKey);
  table.addEventListener("focusin", onFocus);
  table.addEventListener("input", onInput);
  table.addEventListener("paste", onPaste);
  table.addEventListener("focusout", event => { if (isCell(event.target)) { clearTimeout(draftTimer); event.target.dataset.left = event.target.value; commit(event.target); } });
  form.addEventListener("submit", event => { event.preventDefault(); queue.flush(); });
  for (const el of document.querySelectorAll(".mg-js")) el.hidden = false;
  for (const el of document.querySelectorAll(".mg-nojs")) el.hidden = true;
  const kept = queue.kept();
  for (const op of kept) {
    const el = inputOf(op.cell);
    if (!el) continue;
    el.value = op.raw;
    queue.put({ cell: op.cell, raw: op.raw, base: op.base, explanation: op.explanation });
  }
  if (kept.length) say(words.replayed.replace("{n}", kept.length));
} else showKept("");
document.addEventListener("keydown", onPageKey);
keepVisible();
if (location.hash.startsWith("#c-")) goTo(decodeURIComponent(location.hash.slice(3)));
window.addEventListener("hashchange", () => { if (location.hash.startsWith("#c-")) goTo(decodeURIComponent(location.hash.slice(3))); });
