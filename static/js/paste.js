// Pasting blocks, filling the rest with 0, taking either back; and the note that says what happened, nothing left out silently.
import { canUndo, undoBlock, writeBlock } from "./block-undo.js";
import { askForPlan } from "./paste-dialog.js";
import { planFor } from "./paste-plan.js";
import { button, cellOf, fill, isCell, kindOf, nameOf, node, rowName, say, words } from "./grid-sheet.js";
import { clean, readBlock } from "./paste-text.js";

const note = document.getElementById("block-note");

// A copied column or block fills cells from here on; without this the browser would join its lines into one number.
export function onPaste(event) {
  const el = event.target;
  const text = clean(event.clipboardData.getData("text/plain"));
  if (!isCell(el) || !/[\n\t]/.test(text)) return;
  event.preventDefault();
  const block = readBlock(text);
  if (!block.length) return;
  const plan = planFor(block, el);
  if (plan.kind === "nothing") say(plan.reason);
  else if (plan.kind === "cells") write(plan);
  else askForPlan(plan, { onConfirm: write, onClose: () => el.focus() });
}

function write(result) {
  writeBlock(result.items);
  const told = [fill(words.pasted, { n: result.items.length })];
  const list = names => [...new Set(names)].join("、");
  for (const [name, names] of Object.entries({ locked: result.locked, over: result.over, unmatched: result.unmatched, cut: result.cut })) {
    if (names && names.length) told.push(fill(words[name], { n: names.length, names: list(names) }));
  }
  if (result.blank) told.push(fill(words.blankPlaces, { n: result.blank }));
  tell(told.join(" "), words.undoPaste);
}

function tell(text, undoWords) {
  note.textContent = "";
  note.append(node("span", { textContent: text + " " }));
  if (undoWords && canUndo()) note.append(button(undoWords, undo), " ", button(words.close, () => { note.hidden = true; }));
  note.hidden = false;
  say(text);
}

export function undo() {
  if (!canUndo()) return false;
  const { undone, changed } = undoBlock();
  const told = [fill(words.undone, { n: undone })];
  if (changed.length) told.push(fill(words.changedSince, { names: changed.join("、") }));
  tell(told.join(" "), canUndo() ? words.undoBefore : "");
  return true;
}

// Blank is not zero: filling the rest of an area with 0 is asked for, cell by cell, and can be taken back.
export function askForZeros(opener) {
  const inputs = [...opener.closest("tbody").querySelectorAll("tr.r td.cell input")].filter(el => kindOf(el) === "blank" && !el.value.trim());
  if (!inputs.length) { say(words.nothingBlank); return; }
  const dialog = node("dialog", { className: "mg-dialog narrow" });
  dialog.setAttribute("aria-labelledby", "zero-title");
  const list = node("ul", { className: "zeros" }, ...inputs.map(zeroLine));
  const chosen = () => [...list.querySelectorAll("input:checked")].map(box => ({ cell: box.value, raw: "0" }));
  const confirm = button("", () => { const items = chosen(); dialog.close(); writeBlock(items); tell(fill(words.zeroed, { n: items.length }), words.undoZeros); }, "btn2 pri");
  const count = () => { confirm.textContent = fill(words.zeroConfirm, { n: chosen().length }); confirm.disabled = !chosen().length; };
  list.addEventListener("change", count);
  dialog.append(node("h2", { id: "zero-title", textContent: words.zeroTitle }), node("p", { textContent: words.zeroHelp }), list,
    node("div", { className: "acts" }, button(words.cancel, () => dialog.close(), "btn2"), confirm));
  dialog.addEventListener("close", () => { dialog.remove(); opener.focus(); });
  document.body.append(dialog);
  count();
  dialog.showModal();
}

// Only what happens within a month is ticked at first: stocks and running figures (*) are seldom 0 where last month had some.
function zeroLine(el) {
  const tr = el.closest("tr");
  const box = node("input", { type: "checkbox", value: cellOf(el), checked: tr.classList.contains("flow") });
  const before = [...tr.querySelectorAll("td.num")][1];
  const last = before && before.textContent.trim() ? `${before.dataset.l} ${before.textContent.trim()}` : "";
  return node("li", {}, node("label", {}, box, node("span", { textContent: rowName(tr) || nameOf(cellOf(el)) }), node("small", { textContent: last })));
}
