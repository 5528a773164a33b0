// The look before a block of names and figures goes in: which line goes to which row, old and new values; all can be changed.
import { button, fill, node, typed, words } from "./grid-sheet.js";
import { outcome } from "./paste-plan.js";

export function askForPlan(plan, { onConfirm, onClose }) {
  const dialog = node("dialog", { className: "mg-dialog" });
  dialog.setAttribute("aria-labelledby", "paste-title");
  const summary = node("p", { className: "sum" });
  summary.setAttribute("role", "status");
  const body = node("tbody", {});
  const confirm = button("", () => { const result = outcome(plan); dialog.close(); onConfirm(result); }, "btn2 pri");
  const cancel = button(words.cancel, () => dialog.close(), "btn2");
  const refresh = () => { render(plan, body); showSummary(plan, summary, confirm); };
  const scroll = node("div", { className: "scroll", tabIndex: 0 }, node("table", { className: "mg-paste" }, head(plan, refresh), body));
  scroll.setAttribute("role", "region");
  scroll.setAttribute("aria-label", words.pasteTitle);
  dialog.append(node("h2", { id: "paste-title", textContent: words.pasteTitle }), summary, scroll, node("div", { className: "acts" }, cancel, confirm));
  body.addEventListener("change", event => { plan.lines[Number(event.target.dataset.line)].target = event.target.value; refresh(); });
  body.addEventListener("focusin", event => fillChoices(plan, event.target));
  dialog.addEventListener("close", () => { dialog.remove(); onClose(); });
  document.body.append(dialog);
  refresh();
  dialog.showModal();
  (body.querySelector("tr.bad select, tr.out select") || (confirm.disabled ? cancel : confirm)).focus();
}

function showSummary(plan, place, confirm) {
  const result = outcome(plan);
  const matched = plan.lines.length - result.unmatched.length;
  const parts = [fill(plan.isByName ? words.matched : words.matchedByPlace, { n: matched, all: plan.lines.length })];
  if (result.unmatched.length) parts.push(fill(words.unmatched, { names: result.unmatched.join("、") }));
  if (result.twice.length) parts.push(fill(words.twice, { names: result.twice.join("、") }));
  if (result.locked.length) parts.push(fill(words.locked, { names: [...new Set(result.locked)].join("、") }));
  if (result.blank) parts.push(fill(words.blankPlaces, { n: result.blank }));
  if (![...plan.chosen.values()].some(target => target >= 0)) parts.push(words.chooseColumn);
  place.textContent = parts.join(" ");
  confirm.textContent = fill(words.pasteConfirm, { n: result.items.length });
  confirm.disabled = !result.items.length || result.twice.length > 0;
}

function head(plan, refresh) {
  const row = node("tr", {}, node("th", { scope: "col", textContent: words.line }), node("th", { scope: "col", textContent: words.inBlock }), node("th", { scope: "col", textContent: words.goesTo }));
  for (const column of plan.found.numbers) row.append(node("th", { scope: "col", className: "num" }, columnChoice(plan, column, refresh)));
  return node("thead", {}, row);
}

// Which column of the table a column of the block is; choosing one takes it from the column that had it.
function columnChoice(plan, column, refresh) {
  const label = plan.found.header && plan.found.header[column] ? plan.found.header[column] : fill(words.column, { n: column + 1 });
  const select = node("select", {}, new Option(words.leaveOut, "-1"), ...plan.columns.map(target => new Option(target.label, target.place)));
  select.value = String(plan.chosen.get(column));
  select.setAttribute("aria-label", label);
  select.dataset.column = column;
  select.addEventListener("change", () => {
    const target = Number(select.value);
    for (const [other, place] of plan.chosen) if (place === target && target >= 0) plan.chosen.set(other, -1);
    plan.chosen.set(column, target);
    for (const each of select.closest("tr").querySelectorAll("select")) each.value = String(plan.chosen.get(Number(each.dataset.column)));
    refresh();
  });
  return node("label", {}, node("span", { textContent: label }), select);
}

function render(plan, body) {
  outcome(plan);
  const focused = document.activeElement && document.activeElement.dataset.line;
  body.textContent = "";
  body.append(...plan.lines.map((line, place) => lineRow(plan, line, place)));
  const again = focused !== undefined && body.querySelector(`select[data-line="${focused}"]`);
  if (again) again.focus();
}

function lineRow(plan, line, place) {
  const row = plan.rows.find(found => found.id === line.target);
  const select = node("select", {}, new Option(words.leaveOut, ""), ...(row ? [new Option(row.label, row.id)] : []));
  select.value = row ? row.id : "";
  select.dataset.line = place;
  select.setAttribute("aria-label", `${words.goesTo}: ${line.name || line.number}`);
  const target = node("td", {}, select);
  const note = line.isTwice ? words.twiceHere : line.note;
  if (note) target.append(node("span", { className: "note", textContent: note }));
  const tr = node("tr", { className: !row ? "out" : line.isTwice ? "bad" : line.note ? "odd" : "" }, node("td", { textContent: line.number }), node("td", { textContent: line.name }), target);
  for (const column of plan.found.numbers) tr.append(valueCell(plan, line, row, column));
  return tr;
}

function valueCell(plan, line, row, column) {
  const raw = line.values[column] || "", target = plan.chosen.get(column);
  const input = row && target >= 0 && row.cells[target] && typed(row.cells[target]);
  if (!row || target < 0) return node("td", { className: "num off", textContent: raw });
  if (!input) return node("td", { className: "num off", textContent: raw ? words.lockedHere : "" });
  if (!raw) return node("td", { className: "num off", textContent: input.value });
  return node("td", { className: "num" }, node("del", { textContent: input.value || words.blank }), " → ", node("b", { textContent: raw }));
}

// All rows to choose from, when a choice is about to be opened: ninety lists of ninety names are not made in advance.
function fillChoices(plan, select) {
  if (!select.matches("select[data-line]") || select.dataset.full) return;
  select.dataset.full = "1";
  const value = select.value;
  select.append(...plan.rows.filter(row => row.id !== value && row.cells.some(typed)).map(row => new Option(row.label, row.id)));
}
