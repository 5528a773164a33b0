// What stands under rows: findings with their way out, and conflicts with both values.
import { button, cellOf, columns, fill, inputOf, node, say, seen, table, words } from "./grid-sheet.js";

// A suggestion for what stood there before must not be taken for what was typed since.
export function freezeFixes(row, isFrozen) {
  for (const el of table.querySelectorAll(`.msg[data-of="${row}"] button[name=fix]`)) el.disabled = isFrozen;
}

export function showMarks(marks) {
  for (const tr of table.querySelectorAll("tr[data-row]")) {
    const key = tr.dataset.row;
    const messages = marks[key];
    if (table.matches(".own")) { showAtFields(tr, messages || [], key); continue; }
    const now = messages ? JSON.stringify(messages) : "";
    const standing = table.querySelector(`tr.msg[data-of="${key}"]`);
    if (standing && standing.dataset.now === now) { freezeFixes(key, false); continue; }
    if (standing) standing.remove();
    for (const el of tr.querySelectorAll("td.cell input")) describe(el, messages, key);
    if (messages) tr.after(messageRow(key, messages, now));
  }
}

// A village's own clerk fills a form, one field below the other: what is said of a figure stands at its field.
function showAtFields(tr, messages, key) {
  for (const td of tr.querySelectorAll("td.cell")) {
    const el = td.querySelector("input"), cell = el ? cellOf(el) : td.id.slice(2);
    const mine = messages.filter(row => row.cell === cell);
    const now = mine.length ? JSON.stringify(mine) : "";
    const standing = td.querySelector(".msg");
    if (standing && standing.dataset.now === now) continue;
    if (standing) standing.remove();
    if (el) describe(el, mine.length ? mine : null, cell);
    if (!mine.length) continue;
    const box = node("div", { className: "msg", id: "m-" + cell }, ...mine.map(message));
    Object.assign(box.dataset, { of: key, now });
    if (el) el.before(box); else td.append(box);
  }
  freezeFixes(key, false);
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

export function dropConflict(cell) {
  const old = table.querySelector(`tr[data-conflict="${cell}"]`);
  if (old) old.remove();
}

// Both values, and a choice: `queue` sends whichever is taken, so that the choice is in the history too.
export function showConflict(queue, el, result) {
  const other = result.other;
  const values = { by: other.by, at: other.at, other: other.raw || words.blank, mine: el.value || words.blank };
  const choose = raw => {
    seen[result.cell] = [other.version, other.raw];
    el.value = raw;
    queue.put({ cell: result.cell, raw, base: other.version });
    el.focus();
  };
  const mine = button(`${words.keepMine} ${values.mine}`, () => choose(el.value));
  const theirs = button(`${words.takeTheirs} ${values.other}`, () => { queue.forget(result.cell); choose(other.raw); });
  const td = node("td", { colSpan: columns }, node("p", { className: "error" }, fill(words.conflict, values) + " ", mine, theirs));
  const tr = node("tr", { className: "msg error" }, td);
  tr.dataset.conflict = result.cell;
  el.closest("tr").after(tr);
  say(fill(words.conflict, values));
}
