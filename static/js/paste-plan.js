// Where a copied block goes: line by line to a row, column by column to a column of the table. No dialog, no saving.
import { rowName, rowsInView, table, typed, words } from "./grid-sheet.js";
import { isNumber, key, layout, matcher } from "./paste-text.js";

export const isSheet = table.classList.contains("villages");
const MOST = 200; // characters of a cell
const NOW = ["本月", "本月数", "本期", "当月", "数值", "数量"];

// Every row of the table, also those that the filter hides, with the names it goes by.
export function allRows() {
  return [...table.querySelectorAll("tr.r")].map(tr => {
    const number = tr.querySelector("th .no");
    const names = [rowName(tr), tr.dataset.row, ...(number ? [number.textContent.trim()] : [])];
    return { id: tr.dataset.row, label: names[0], names, cells: [...tr.querySelectorAll("td.cell")] };
  });
}

// Columns that take figures: place among a row's cells, heading; calculated ones are known but not offered.
export function targetColumns(rows) {
  const heads = [...table.tHead.rows[0].cells].slice(1);
  const label = place => (isSheet ? heads[place].firstChild.textContent.trim() : words.thisMonth);
  const places = [...rows[0].cells.keys()].map(place => ({ place, label: label(place), isTyped: rows.some(row => typed(row.cells[place])) }));
  return places.filter(column => column.isTyped);
}

// Names of villages that are no more, or not yet: [{name, id, note}].
function former() {
  const data = document.getElementById("former-names");
  return data ? JSON.parse(data.textContent) : [];
}

// Returns {kind: "cells"|"ask"|"nothing", ...}: cells to write at once, a plan that a person looks at first, or why neither.
export function planFor(block, el) {
  const rows = allRows();
  const found = layout(block, matcher(rows, former(), isSheet));
  if (found.name >= 0 && !found.numbers.length) return { kind: "nothing", reason: words.noFigures };
  if (found.name >= 0) return askByName(block, el, rows, found);
  const headings = [...NOW, ...targetColumns(rows).map(column => column.label)].map(key);
  const body = block.length > 1 && block[0].some(text => headings.includes(key(text))) ? block.slice(1) : block;
  return direct(body, el) || askByPlace(block, body, el, rows, found);
}

function askByName(block, el, rows, found) {
  const match = matcher(rows, former(), isSheet);
  const body = found.header ? block.slice(1) : block;
  const lines = body.map((values, place) => {
    const name = values[found.name] || "";
    const hit = match(name);
    return { number: place + 1 + (found.header ? 1 : 0), name, values, target: hit ? hit.id : "", note: hit ? hit.note : "" };
  }).filter(line => line.values.some(Boolean));
  const columns = targetColumns(rows);
  return { kind: "ask", isByName: true, rows, columns, lines, found, chosen: choose(found, columns, el) };
}

function askByPlace(block, body, el, rows, found) {
  const view = rowsInView();
  const top = view.findIndex(row => row.cells.includes(el.parentElement));
  const lines = body.map((values, place) => {
    const row = view[top + place];
    return { number: place + 1 + block.length - body.length, name: values.filter(text => text && !isNumber(text)).join(" "), values, target: row ? row.tr.dataset.row : "", note: "" };
  });
  const columns = targetColumns(rows);
  const numbers = found.numbers.length ? found.numbers : [...Array(found.width).keys()];
  const facts = { ...found, numbers, header: block.length > body.length ? block[0] : null };
  return { kind: "ask", isByName: false, rows, columns, lines, found: facts, chosen: choose(facts, columns, el) };
}

// column of the block -> place in the row, -1: left out. By heading, by count, else onwards from the cell that was pasted into.
function choose(found, columns, el) {
  const chosen = new Map(found.numbers.map(column => [column, -1]));
  const heads = found.header ? found.numbers.map(column => [column, key(found.header[column] || "")]) : [];
  for (const [column, head] of heads) {
    const hit = byHeading(head, columns);
    if (hit && ![...chosen.values()].includes(hit.place)) chosen.set(column, hit.place);
  }
  if ([...chosen.values()].some(place => place >= 0)) return chosen;
  if (!isSheet) { if (found.numbers.length === 1) chosen.set(found.numbers[0], 0); return chosen; }
  const at = columns.findIndex(column => column.place === [...el.closest("tr").querySelectorAll("td.cell")].indexOf(el.parentElement));
  const start = at + found.numbers.length <= columns.length ? at : 0;
  found.numbers.forEach((column, place) => { if (columns[start + place]) chosen.set(column, columns[start + place].place); });
  return chosen;
}

// The same heading, or the only one that it is a part of: 服务时长 for 志愿服务时长.
function byHeading(head, columns) {
  if (!isSheet) return NOW.map(key).includes(head) ? columns[0] : null;
  const same = columns.find(target => key(target.label) === head);
  const partly = columns.filter(target => head.length > 1 && (key(target.label).includes(head) || head.includes(key(target.label))));
  return same || (partly.length === 1 ? partly[0] : null);
}

// A block that fits goes in as it is; one column passes over rows that are calculated, and says so.
function direct(body, el) {
  const view = rowsInView();
  const top = view.findIndex(row => row.cells.includes(el.parentElement));
  const left = view[top].cells.indexOf(el.parentElement);
  const width = Math.max(...body.map(row => row.length));
  const result = { kind: "cells", items: [], locked: [], over: [], cut: [], blank: 0 };
  for (const [down, row] of body.entries()) {
    for (let right = 0; right < width; right++) {
      const raw = row[right] || "";
      const line = view[top + down], td = line && line.cells[left + right];
      if (width > 1 && line && !(td && typed(td))) return null;
      place(result, td, raw, line && rowName(line.tr));
    }
  }
  return result;
}

function place(result, td, raw, name) {
  const input = td && typed(td);
  if (!td) { if (raw) result.over.push(raw); return; }
  if (!input) { if (raw) result.locked.push(name); return; }
  if (raw.length > MOST) result.cut.push(name);
  result.items.push({ cell: input.id.slice(2), raw: raw.slice(0, MOST), old: input.value });
}

// What a plan comes to as it is chosen now: cells to write, what stays out and why. Blank places of the block change nothing.
export function outcome(plan) {
  const result = { items: [], locked: [], over: [], cut: [], unmatched: [], twice: [], blank: 0 };
  const uses = plan.lines.reduce((count, line) => count.set(line.target, (count.get(line.target) || 0) + 1), new Map());
  for (const line of plan.lines) {
    const row = plan.rows.find(found => found.id === line.target);
    line.isTwice = Boolean(row) && uses.get(line.target) > 1;
    if (!row) { result.unmatched.push(line.name || `#${line.number}`); continue; }
    if (line.isTwice) { result.twice.push(line.name || row.label); continue; }
    for (const [column, target] of plan.chosen) {
      const raw = line.values[column] || "";
      if (target < 0) continue;
      if (!raw) result.blank += 1; else place(result, row.cells[target], raw, row.label);
    }
  }
  return result;
}
