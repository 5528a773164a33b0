// Keys of the grid, as in a spreadsheet. Nothing happens while a word is being composed (pinyin).
import { form, isCell, lines, placeOf, visible } from "./grid-sheet.js";

const SETTING = `twr-single-keys:${form.dataset.user}`;
const isComposing = event => event.isComposing || event.keyCode === 229;
const isWholeSelected = el => el.selectionStart === 0 && el.selectionEnd === el.value.length;

function go(el, down, right) {
  const all = lines();
  const line = all.findIndex(row => row.includes(el));
  const next = all[line + down] || [];
  const column = all[line].indexOf(el) + right;
  const target = next[down ? Math.min(column, next.length - 1) : column];
  if (target) { target.focus(); target.select(); }
  return Boolean(target);
}

// Along the row and on to the next one, past all buttons and links between: a save that runs meanwhile may take those away.
function step(el, by) {
  const all = lines().flat();
  const target = all[all.indexOf(el) + by];
  if (target) { target.focus(); target.select(); }
  return Boolean(target);
}

// The buttons and links of a cell's row and of the messages under it.
function waysOf(el) {
  const rows = [el.closest("tr")];
  for (let next = rows[0].nextElementSibling; next && next.matches(".msg"); next = next.nextElementSibling) rows.push(next);
  const ways = rows.reverse().flatMap(row => [...row.querySelectorAll("button, a")]);
  return ways.filter(way => visible(way) && !way.disabled && !way.matches(".menu-btn, .def"));
}

// acts: {commit(el), settle(el), menu(el), restore(el), isTyping(el), undo(), comment(el)}
export function listen(table, acts) {
  const keys = {
    Enter: (el, event) => { if (!go(el, event.shiftKey ? -1 : 1, 0)) acts.commit(el); return true; },
    ArrowDown: (el, event) => { if (event.altKey) acts.menu(el); else go(el, 1, 0); return true; },
    ArrowUp: el => { go(el, -1, 0); return true; },
    ArrowLeft: el => isWholeSelected(el) && go(el, 0, -1),
    ArrowRight: el => isWholeSelected(el) && go(el, 0, 1),
    // Behind the last cell the page goes on; saved first, so that no button is stepped on that the save takes away.
    Tab: (el, event) => { if (step(el, event.shiftKey ? -1 : 1)) return true; acts.commit(el); return false; },
    Escape: el => { acts.restore(el); return true; },
    F2: el => { el.setSelectionRange(el.value.length, el.value.length); return true; },
  };
  const withControl = {
    Enter: el => { acts.comment(el); return true; },
    ArrowDown: el => { toWays(el, acts); return true; },
    // What is typed in the cell itself is undone by the browser; a pasted block by us.
    z: (el, event) => !event.shiftKey && !acts.isTyping(el) && acts.undo(),
  };
  table.addEventListener("keydown", event => {
    const el = event.target;
    if (isComposing(event)) return;
    if (!isCell(el)) { if (event.key === "Escape") back(el); return; }
    const key = (event.ctrlKey || event.metaKey ? withControl : keys)[event.key];
    if (key && key(el, event)) event.preventDefault();
  });
}

// What is typed is saved first: only then stand the messages there that belong to it.
async function toWays(el, acts) {
  await acts.settle(el);
  const [way] = waysOf(el);
  if (way && document.activeElement === el) way.focus();
}

function back(el) {
  const place = placeOf(el);
  if (place) place.focus();
}

// acts: {check(), save(), help()}
export function listenOnPage(acts) {
  document.addEventListener("keydown", event => {
    if (isComposing(event)) return;
    const isSave = event.key === "s" && (event.ctrlKey || event.metaKey);
    if (event.key === "F9") acts.check();
    else if (isSave) acts.save();
    else if (isQuestion(event)) acts.help();
    else return;
    event.preventDefault();
  });
}

// One key without Ctrl: only where it cannot be meant as text, and not for those who switched it off (WCAG 2.1.4).
function isQuestion(event) {
  if ((event.key !== "?" && event.key !== "？") || event.ctrlKey || event.metaKey || event.altKey || !hasSingleKeys()) return false;
  const el = event.target;
  if (isCell(el)) return isWholeSelected(el);
  return !el.matches("input:not([type=checkbox]):not([type=radio]), textarea, select") && !document.querySelector("dialog[open]");
}

export function hasSingleKeys() {
  try { return localStorage.getItem(SETTING) !== "off"; } catch (error) { return true; }
}

export function setSingleKeys(isOn) {
  try { localStorage.setItem(SETTING, isOn ? "on" : "off"); } catch (error) { /* then it holds for this page only */ }
}

export function openHelp() {
  const dialog = document.getElementById("keys-help");
  const box = dialog.querySelector("input[type=checkbox]");
  box.checked = hasSingleKeys();
  box.onchange = () => setSingleKeys(box.checked);
  dialog.showModal();
}
