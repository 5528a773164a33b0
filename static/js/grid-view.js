// Which rows are shown, where the focus is, and ways to a cell.
import { fill, form, isCell, say, table, visible, words } from "./grid-sheet.js";

const PHONE = window.matchMedia("(max-width:720px)");

export function show(name) {
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
export function keepVisible() {
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

// Filling the rest with 0 is offered while an area has a cell of its own left.
export function offerZeros() {
  for (const el of table.querySelectorAll("[data-zeros]")) el.hidden = !el.closest("tbody").querySelector("tr.r.unfilled td.cell input");
}

// On a phone the page starts with what is still to do, unless the address says otherwise or nothing is to do.
export function startOnPhone() {
  const asked = new URL(location.href).searchParams;
  const isFree = !asked.has("show") && !asked.has("cell") && !form.dataset.marked && !location.hash.startsWith("#c-");
  if (!PHONE.matches || !isFree || !document.querySelector('.mg-seg a[data-show="todo"]')) return;
  if (table.querySelector("tr.r.unfilled, tr.r.error, tr.r.query")) show("todo");
}

export function lightUp(row) {
  if (!row) return;
  for (const old of table.querySelectorAll("tr.on")) old.classList.remove("on");
  row.classList.add("on");
}

export function currentArea(id) {
  for (const link of document.querySelectorAll(".mg-rail a")) {
    if (link.getAttribute("href") === "#" + id) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
  }
}

export function goTo(cell, inspector) {
  const target = document.getElementById("c-" + cell);
  if (!target) return false;
  if (!visible(target)) show("all");
  target.scrollIntoView({ block: "center" });
  if (target.matches("input")) target.focus(); else inspector.open(cell);
  return true;
}

export async function check(queue) {
  await queue.idle();
  const state = document.getElementById("save-state");
  const count = classes => table.querySelectorAll(classes).length;
  const issues = count("tr.r.error, tr.r.query");
  const blank = Number(document.querySelector("[data-out=blanks]").textContent); // cells, as on the button that submits
  if (!issues && !blank) { show("all"); say(words.nothing); if (state) state.textContent = words.nothing; return; }
  show("check");
  say(fill(words.checked, { blank, issues }));
  const first = [...table.querySelectorAll("tr.r")].find(visible);
  const target = first && (first.querySelector("td.cell input") || first.querySelector("td.x a, a.def"));
  if (!target) return;
  target.focus({ preventScroll: true });
  first.scrollIntoView({ block: "center" });
  if (isCell(target)) target.select();
}
