// The paperclips beside figures: how many files each cell has, as the server last told. On the sheet they stand in the cell.
import { fill, say, table, words } from "./grid-sheet.js";

const isSheet = table.classList.contains("villages");
const keyOf = cell => (isSheet ? cell : cell.split("@")[0]);

// Where the marks of a cell stand: the cell itself, or the last column of its row.
export function placeOfMarks(cell) {
  if (!isSheet) return table.querySelector(`tr[data-row="${CSS.escape(cell)}"] td.x`);
  const el = document.getElementById("c-" + cell);
  return el && el.closest("td");
}

// counts: cell -> files; cells that are not named have none.
export function showFiles(counts) {
  const wanted = new Map();
  for (const [cell, count] of Object.entries(counts)) wanted.set(keyOf(cell), (wanted.get(keyOf(cell)) || 0) + count);
  for (const mark of table.querySelectorAll("a.ev:not(.lacks)")) {
    const count = wanted.get(mark.dataset.cell);
    if (!count) mark.remove(); else write(mark, count);
    wanted.delete(mark.dataset.cell);
  }
  const pattern = document.getElementById("file-mark");
  for (const [cell, count] of wanted) {
    const place = placeOfMarks(cell);
    if (!place || !pattern) continue;
    const mark = pattern.content.querySelector("a").cloneNode(true);
    mark.dataset.cell = cell;
    mark.href = `?cell=${encodeURIComponent(cell)}#inspector`;
    write(mark, count);
    place.insertBefore(mark, place.querySelector(".ev.lacks"));
  }
}

function write(mark, count) {
  const text = fill(words.files, { n: count });
  if (mark.lastChild.textContent === String(count)) return;
  mark.lastChild.textContent = count;
  mark.title = text;
  mark.setAttribute("aria-label", text);
}

// Files that others attached since the last time.
export function tellFiled(filed) {
  if (filed.length) say(fill(words.othersFiled, { by: filed[0].by, n: filed.length }));
}
