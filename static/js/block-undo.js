// Blocks of cells written at once (pasted, filled with 0) and taken back in one step, by the same way of saving as typing.
import { put, queue } from "./grid-saving.js";
import { inputOf, nameOf, seen, shownOf } from "./grid-sheet.js";
import { dropConflict } from "./grid-messages.js";

const blocks = [];

// items: [{cell, raw}]. Writes them, and remembers what stood there.
export function writeBlock(items) {
  const written = items.map(({ cell, raw }) => ({ cell, raw, before: inputOf(cell).value, shown: null, version: 0, dropped: undefined }));
  for (const item of written) {
    put(item.cell, item.raw);
    Object.assign(inputOf(item.cell).dataset, { was: item.raw, left: item.raw });
  }
  blocks.push(written);
}

// The server's answers: which version a written cell got, how it reads there, which explanation went with the old number.
export function noteResults(results) {
  for (const result of results) {
    if (result.status !== "saved" && result.status !== "unchanged") continue;
    for (const block of blocks) {
      const item = block.find(row => row.cell === result.cell && row.shown === null);
      if (item) Object.assign(item, { shown: result.shown, version: result.version, dropped: result.dropped || undefined });
    }
  }
}

export const canUndo = () => blocks.length > 0;

// Returns {undone, changed}: how many cells went back, and the names of those that were changed again since and stay.
export function undoBlock() {
  const block = blocks.pop();
  const changed = block.filter(item => !takeBack(item)).map(item => nameOf(item.cell));
  return { undone: block.length - changed.length, changed };
}

function takeBack(item) {
  const el = inputOf(item.cell);
  const waiting = queue.pending.get(item.cell);
  if (!el) return false;
  if (waiting && waiting.held && waiting.raw === item.raw) return giveUp(item, el);
  const now = waiting ? waiting.raw : shownOf(item.cell);
  if (now.trim() !== (waiting || item.shown === null ? item.raw : item.shown).trim()) return false;
  put(item.cell, item.before, { base: item.version || (seen[item.cell] || [0])[0], explanation: item.dropped });
  Object.assign(el.dataset, { was: item.before, left: item.before });
  return true;
}

// The pasted value never got in, somebody else's stands: nothing has to be sent to leave it so.
function giveUp(item, el) {
  queue.forget(item.cell);
  dropConflict(item.cell);
  el.value = shownOf(item.cell);
  delete el.parentElement.dataset.s;
  return true;
}
