// The picker of figures: 【 or @ opens it at the caret; it searches names, first letters of their pinyin and codes, and shows
// how a figure will print before it is put in. Arrow keys and Enter are enough. In tables and charts it picks names, a line each;
// beside the trace of a number it finds what else may stand in its place.

const OPENERS = ["【", "@"];

const rowsOf = (picker) => [...picker.querySelectorAll("tr[data-name]")];
const shownRows = (picker) => rowsOf(picker).filter((row) => !row.hidden);
const targetOf = (block) => block.querySelector("[data-target]");
const picksNames = (block) => targetOf(block).dataset.target === "names";

export function wirePicker(block, ask) {
  const picker = block.querySelector("[data-picker]");
  const target = targetOf(block);
  if (!picker || !target) return;
  const open = (event) => { if (!event.isComposing && OPENERS.includes(event.data)) openPicker(block); };
  target.addEventListener("input", open);
  target.addEventListener("compositionend", open);
  const search = connect(picker, ask, { isNames: picksNames(block), insert: () => insert(block, picker), close: () => closePicker(block) });
  search.addEventListener("input", () => { if (search.value.endsWith("】")) typedWhole(block, search); });
}

// In a number's place: what is searched for stands in the form itself, and putting it in sends the form.
export function wireRebind(picker, ask) {
  const button = picker.querySelector("[data-insert]"), summary = picker.querySelector("summary");
  const search = connect(picker, ask, {
    isNames: false,
    insert: () => button.form.requestSubmit(button),
    close: () => { picker.open = false; summary.focus(); },
  });
  const row = rowsOf(picker).find((each) => [each.dataset.name, each.dataset.code].includes(search.value));
  if (row) {
    mark(picker, row);
    offerFormats(picker, row);
  }
  preview(picker, ask);
  search.focus({ preventScroll: true });
  search.select();
}

// `ends`: whether it picks bare names, how what is chosen is put in, and how it is left.
function connect(picker, ask, ends) {
  prepare(picker, ends.isNames);
  picker.addEventListener("click", (event) => {
    const row = event.target.closest("tr[data-name]");
    if (row) choose(picker, row, ask, ends);
    if (event.target.closest("[data-insert][type=button]")) ends.insert();
  });
  const search = picker.querySelector("[data-search]");
  search.addEventListener("input", () => filter(picker, search.value));
  const builder = picker.querySelector("[data-builder]");
  builder.addEventListener("keydown", (event) => onKey(event, picker, ask, ends));
  builder.addEventListener("change", (event) => { if (event.target !== search || search.name) preview(picker, ask); });
  return search;
}

function prepare(picker, isNames) {
  const builder = picker.querySelector("[data-builder]");
  builder.hidden = false;
  picker.querySelector("[data-keys]").hidden = false;
  for (const select of builder.querySelectorAll("select")) select.closest("label").hidden = isNames;
  for (const label of picker.querySelectorAll("span.rp-pick")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "rp-pick";
    button.tabIndex = -1;
    button.textContent = label.textContent;
    label.replaceWith(button);
  }
}

function openPicker(block) {
  const picker = block.querySelector("[data-picker]");
  picker.open = true;
  place(block, picker);
  const search = picker.querySelector("[data-search]");
  search.value = "";
  filter(picker, "");
  search.focus({ preventScroll: true });
  picker.scrollIntoView({ block: "nearest" });
}

// Under the line of the caret, over what stands below it, where there is room; else where it stands anyway.
function place(block, picker) {
  if (window.innerWidth <= 720) return;
  const target = targetOf(block);
  picker.classList.add("rp-float");
  picker.style.top = `${target.offsetTop + caretBottom(target) + 4}px`;
}

function caretBottom(area) {
  const style = getComputedStyle(area), mirror = document.createElement("div"), mark = document.createElement("span");
  for (const name of ["font", "lineHeight", "letterSpacing", "padding", "border", "boxSizing"]) mirror.style[name] = style[name];
  Object.assign(mirror.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word", width: `${area.offsetWidth}px` });
  mirror.textContent = area.value.slice(0, area.selectionStart);
  mark.textContent = "\u200b";
  mirror.append(mark);
  document.body.append(mirror);
  const bottom = mark.offsetTop + mark.offsetHeight - area.scrollTop;
  mirror.remove();
  return Math.max(20, Math.min(bottom, area.offsetHeight));
}

export function closePicker(block) {
  const picker = block.querySelector("[data-picker]");
  picker.open = false;
  picker.classList.remove("rp-float");
  picker.style.top = "";
  targetOf(block).focus();
}

function filter(picker, typed) {
  const wanted = typed.trim().toLowerCase();
  for (const row of rowsOf(picker)) {
    const { name, code, initials } = row.dataset;
    row.hidden = ![name, code, ...initials.split(" ")].some((word) => word.toLowerCase().includes(wanted));
  }
  mark(picker, null);
  picker.querySelector("[data-insert]").disabled = true;
}

function mark(picker, chosen) {
  for (const row of rowsOf(picker)) row.classList.toggle("on", row === chosen);
  if (chosen) chosen.scrollIntoView({ block: "nearest" });
}

function onKey(event, picker, ask, ends) {
  if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); ends.close(); return; }
  const inSearch = event.target.matches("[data-search]");
  if (inSearch && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const rows = shownRows(picker), now = rows.findIndex((row) => row.classList.contains("on"));
    const next = rows[Math.max(0, Math.min(rows.length - 1, now + (event.key === "ArrowDown" ? 1 : -1)))];
    if (next) choose(picker, next, ask, ends);
    return;
  }
  if (event.key !== "Enter" || event.isComposing || event.target.matches("button")) return;
  event.preventDefault();
  if (inSearch && !picker.querySelector("tr.on")) {
    const [first] = shownRows(picker);
    if (first) choose(picker, first, ask, ends);
  } else if (!picker.querySelector("[data-insert]").disabled) ends.insert();
}

function choose(picker, row, ask, ends) {
  mark(picker, row);
  if (ends.isNames) {
    picker.querySelector("[data-preview]").textContent = row.dataset.name;
    picker.querySelector("[data-insert]").disabled = false;
    return;
  }
  const search = picker.querySelector("[data-search]");
  if (search.name) search.value = row.dataset.name; // a field of the form
  const format = picker.querySelector("[data-format]");
  format.value = offerFormats(picker, row)[0];
  preview(picker, ask);
}

function offerFormats(picker, row) {
  const format = picker.querySelector("[data-format]"), names = row.dataset.formats.split("|");
  (format.list || format).replaceChildren(...names.map((name) => new Option(name, name)));
  return names;
}

function tokenOf(picker) {
  const row = picker.querySelector("tr.on"), search = picker.querySelector("[data-search]");
  const part = (name) => (picker.querySelector(`[data-${name}]`) || { value: "" }).value.trim();
  const name = row ? row.dataset.name : search.name && search.value.trim();
  const more = [part("scope"), part("aggregate")].filter(Boolean).map((word) => `|${word}`).join("");
  return name && `【${name}|${part("period")}|${part("format")}${more}】`;
}

async function preview(picker, ask) {
  const token = tokenOf(picker);
  if (!token) return;
  const output = picker.querySelector("[data-preview]");
  const reply = await ask(`${picker.dataset.picker}?token=${encodeURIComponent(token)}`).catch(() => null);
  const answer = reply && (await reply.json());
  if (!answer || token !== tokenOf(picker)) return;
  output.textContent = answer.status === "refused" || answer.status === "missing" ? answer.reason : answer.shown;
  output.className = ["ok", "empty", "zero"].includes(answer.status) ? "" : "bad";
  picker.querySelector("[data-insert]").disabled = answer.status === "refused";
}

function insert(block, picker) {
  if (picksNames(block)) insertName(block, picker.querySelector("tr.on").dataset.name);
  else insertText(block, tokenOf(picker));
  closePicker(block);
}

// Who writes the whole figure by hand, 【name|period|format】, goes on in the text.
function typedWhole(block, search) {
  insertText(block, `【${search.value.replace(/^【/, "")}`);
  search.value = "";
  closePicker(block);
}

function insertText(block, token) {
  const text = targetOf(block);
  let start = text.selectionStart;
  if (OPENERS.includes(text.value[start - 1])) start -= 1;
  text.setRangeText(token, start, text.selectionEnd, "end");
  text.dispatchEvent(new InputEvent("input", { bubbles: true }));
}

function insertName(block, name) {
  const area = targetOf(block);
  const names = area.value.replace(/[@【]/g, "").split("\n").map((line) => line.trim()).filter(Boolean);
  area.value = [...names.filter((line) => line !== name), name].join("\n");
  area.setSelectionRange(area.value.length, area.value.length);
  area.dispatchEvent(new InputEvent("input", { bubbles: true }));
}
