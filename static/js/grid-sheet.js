// The table on the page: its cells, rows and words. Shared by everything that acts on it; saves nothing.
export const form = document.getElementById("grid");
export const table = form.querySelector("table");
export const words = document.getElementById("grid-strings").dataset;
export const isEntry = "grid" in form.dataset;
export const columns = table.tHead.rows[0].cells.length;

// cell -> [version, text] as the server last told.
export const seen = isEntry ? JSON.parse(form.elements.seen.value) : {};

const live = document.getElementById("live");
let quiet = 0;
export function say(text) {
  live.textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => { live.textContent = ""; }, 12000);
}

export function node(tag, properties, ...children) {
  const el = Object.assign(document.createElement(tag), properties);
  el.append(...children);
  return el;
}

export function button(text, act, className = "btn2 sm") {
  const el = node("button", { type: "button", className, textContent: text });
  el.addEventListener("click", act);
  return el;
}

// Fills {names} of a translated text.
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (all, name) => (name in values ? values[name] : all));

export const inputOf = cell => { const el = document.getElementById("c-" + cell); return el && el.matches("input") ? el : null; };
export const cellOf = el => el.id.slice(2);
export const versionOf = cell => (seen[cell] || [0, ""])[0];
export const shownOf = cell => (seen[cell] || [0, ""])[1];
export const isCell = el => Boolean(el) && el.matches("td.cell input");
export const visible = el => el.offsetParent !== null;

// The cell that a button or link in its row, or under it, belongs to; for a row without one, what stands in its place.
export function placeOf(el) {
  const tr = el && el.closest ? el.closest("tr.r, tr.msg") : null;
  if (!tr || !table.contains(tr)) return null;
  const named = el.dataset.cell || tr.dataset.conflict || (el.name === "fix" ? el.value.split("=")[0] : "");
  const row = tr.matches(".msg") ? table.querySelector(`tr[data-row="${tr.dataset.of}"]`) : tr;
  return inputOf(named) || (row && row.querySelector("td.cell input, td.x a, a.def"));
}

// What is done to the table must not take the focus out of it: the next thing typed would go nowhere.
export function keepFocus(act) {
  const el = document.activeElement, place = placeOf(el);
  act();
  if (place && place !== el && !(el.isConnected && visible(el) && !el.disabled)) place.focus();
}

export function nameOf(cell) {
  const el = document.getElementById("c-" + cell);
  const label = el && el.getAttribute("aria-label");
  const row = el && el.closest("tr");
  return label || (row ? row.querySelector("th").textContent.trim() : cell);
}

// The name of a row without its number, marks and link.
export function rowName(tr) {
  const name = tr.querySelector("th .nm") || tr.querySelector("th");
  const text = [...name.childNodes].filter(part => !(part.matches && part.matches(".of, sup"))).map(part => part.textContent).join("");
  return text.trim();
}

// Rows as a person sees them, each with all its cells: typed, calculated and locked.
export const rowsInView = () => [...table.querySelectorAll("tr.r")].filter(visible).map(tr => ({ tr, cells: [...tr.querySelectorAll("td.cell")] }));
export const typed = td => td.querySelector("input");

// The lines of cells that can be typed into.
export const lines = () => [...table.querySelectorAll("tr.r")].map(tr => [...tr.querySelectorAll("td.cell input")].filter(visible)).filter(line => line.length);

// `blank`, `text`, `value` … as the cell stands now.
export const kindOf = el => (el.parentElement.className.match(/\bv-(\w+)/) || ["", "blank"])[1];
