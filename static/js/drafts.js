// What is typed into a form marked data-keep="name" stays in this browser, under the person's login, the form's address and
// its name, until the server says that the form was carried out (a cookie with the draft's id, workflow/drafts.py) or the
// person throws it away. Passwords, files and hidden fields (tokens, keys) are never kept.
//
// Open editors of a report's blocks keep their words here too (block-saving.js), until they are saved or given up.
//
// Where the form is shown again and what it was made from is unchanged, the text stands in it again, with a line that says so.
// Where somebody changed it meanwhile, or the form is gone, the text stands beside, to be read and copied.
import { newId } from "./cell-queue.js";

const words = (document.getElementById("draft-words") || { dataset: {} }).dataset;
const ALL = "twr:draft:";
const MINE = `${ALL}${words.login}:`;
const OLDEST = 30 * 86400 * 1000;
const VERSIONS = ["base_version", "version", "seen"]; // hidden fields that say what was on the screen
const NEVER = ["hidden", "password", "file", "submit", "button", "reset", "image"];
const ASIDE = "#aside";
const EDITOR = "editor:"; // names of open editors, which bring their own words back
const OWN_PLACES = ["cell:", EDITOR];

// --- storage ----------------------------------------------------------------------------------------------------------

function read(key) { try { return JSON.parse(localStorage.getItem(key)); } catch (error) { return null; } }
function write(key, draft) { try { localStorage.setItem(key, JSON.stringify(draft)); } catch (error) { /* full or forbidden */ } }
function remove(key) { try { localStorage.removeItem(key); } catch (error) { /* nothing was kept */ } }

function keysOf(prefix) {
  const found = [];
  try {
    for (let i = 0; i < localStorage.length; i++) if (localStorage.key(i).startsWith(prefix)) found.push(localStorage.key(i));
  } catch (error) { /* no storage: nothing kept */ }
  return found;
}

const keyOf = form => `${MINE}${new URL(form.getAttribute("action") || "", location.href).pathname}:${form.dataset.keep}`;

// --- a form's fields --------------------------------------------------------------------------------------------------

const fieldsOf = form => [...form.elements].filter(el => el.name && el.type && !NEVER.includes(el.type) && el.tagName !== "FIELDSET" && el.tagName !== "OUTPUT");
const isTick = el => el.type === "checkbox" || el.type === "radio";
const nameOf = el => (isTick(el) ? `${el.name}=${el.value}` : el.name);
const chosen = el => [...el.options].filter(option => option.selected).map(option => option.value);
const valueOf = el => (isTick(el) ? el.checked : el.type === "select-multiple" ? chosen(el).join("\n") : el.value);
function defaultOf(el) {
  if (isTick(el)) return el.defaultChecked;
  if (el.options) {
    const options = [...el.options].filter(option => option.defaultSelected).map(option => option.value);
    return el.type === "select-multiple" ? options.join("\n") : options.length ? options[0] : (el.options[0] || { value: "" }).value;
  }
  return el.defaultValue;
}

const valuesOf = form => Object.fromEntries(fieldsOf(form).map(el => [nameOf(el), valueOf(el)]));

function setValue(el, value) {
  if (isTick(el)) el.checked = value;
  else if (el.type === "select-multiple") for (const option of el.options) option.selected = value.split("\n").includes(option.value);
  else el.value = value;
}

function baseOf(form) {
  const seen = VERSIONS.map(name => form.elements[name]).filter(el => el && el.type === "hidden").map(el => `${el.name}=${el.value}`);
  return [...seen, form.dataset.keepBase || ""].join("&");
}

// --- keeping and forgetting -------------------------------------------------------------------------------------------

function keep(form) {
  const before = read(keyOf(form)) || {};
  const draft = { id: before.id || newId(), base: baseOf(form), values: valuesOf(form), name: form.dataset.keep, ...placeAndTime() };
  draft.labels = Object.fromEntries(fieldsOf(form).map(el => [nameOf(el), el.labels && el.labels.length ? el.labels[0].textContent.replace("*", "").trim() : ""]));
  write(keyOf(form), draft);
}

const placeAndTime = () => ({ at: Date.now(), page: location.pathname, address: location.pathname + location.search, title: titleOfPage() });

function titleOfPage() {
  const heading = document.querySelector("h1");
  return (heading ? heading.textContent : document.title).trim();
}

export function forget(form) {
  remove(keyOf(form));
  unsay(form);
}

// What stands in an open editor of blocks; null: nothing any more.
export function keepEditor(name, draft) {
  if (draft === null) remove(MINE + EDITOR + name);
  else write(MINE + EDITOR + name, { ...draft, name: EDITOR + name, ...placeAndTime() });
}

export const readEditor = name => read(MINE + EDITOR + name);

function unsay(form) { for (const line of form.querySelectorAll("[data-draft-note]")) line.remove(); }

function takeReceipt() {
  const found = /(?:^|; )saved_draft=([0-9a-f]{32})/.exec(document.cookie);
  if (!found) return;
  for (const key of keysOf(MINE)) if ((read(key) || {}).id === found[1]) remove(key);
  document.cookie = "saved_draft=; max-age=0; path=/; samesite=strict";
}

function forgetOld() {
  for (const key of keysOf(ALL)) if (Date.now() - ((read(key) || {}).at || 0) > OLDEST) remove(key);
}

// --- showing again ----------------------------------------------------------------------------------------------------

function button(text, deed) {
  const el = Object.assign(document.createElement("button"), { type: "button", className: "btn2 sm", textContent: text });
  el.addEventListener("click", deed);
  return el;
}

function line(text, ...more) {
  const el = Object.assign(document.createElement("div"), { className: "mr-draft" });
  el.dataset.draftNote = "";
  el.setAttribute("role", "status");
  el.append(text, " ", ...more);
  return el;
}

function bringBack(form) {
  const key = keyOf(form), draft = read(key);
  if (!draft || !draft.values) return;
  const here = fieldsOf(form).filter(el => nameOf(el) in draft.values);
  const isAsKept = what => here.length && here.every(el => what(el) === draft.values[nameOf(el)]);
  // A refused form comes back with what was typed; without a refusal what the server shows is what is stored.
  if (isAsKept(defaultOf)) { if (!document.querySelector("main [role=alert]")) remove(key); return; }
  if (isAsKept(valueOf)) return;
  if (draft.base !== baseOf(form)) { write(key + ASIDE, draft); remove(key); return; }
  for (const el of here) setValue(el, draft.values[nameOf(el)]);
  const folded = form.closest("details");
  if (folded) folded.open = true;
  unsay(form);
  form.prepend(line(words.back, button(words.discard, () => { remove(key); form.reset(); unsay(form); })));
}

function showAside(key, place) {
  const draft = read(key);
  const rows = Object.entries((draft && draft.values) || {}).filter(([, value]) => typeof value === "string" && value.trim());
  if (!rows.length) { remove(key); return; }
  const text = Object.assign(document.createElement("textarea"), { readOnly: true, rows: Math.min(rows.length + 1, 8) });
  text.value = rows.map(([name, value]) => (rows.length > 1 ? `${(draft.labels || {})[name] || name}：${value}` : value)).join("\n");
  text.setAttribute("aria-label", words.aside);
  const box = line(words.aside, button(words.discard, () => { remove(key); box.remove(); }), text);
  place.prepend(box);
}

// Puts drafts back into the forms below `root`. `prefix`: drafts of this page whose names begin so belong there, and stand in
// `place` when their form does not. Those of a cell wait for the inspector of their cell.
export function restoreDrafts(root, prefix, place = root) {
  const forms = [...root.querySelectorAll("form[data-keep]")];
  forms.forEach(bringBack);
  if (prefix === undefined) return;
  const shown = forms.map(keyOf);
  for (const key of keysOf(MINE)) {
    const { name = "", page } = read(key) || {};
    const isHere = page === location.pathname && name.startsWith(prefix) && (prefix || !OWN_PLACES.some(own => name.startsWith(own)));
    if (isHere && !shown.includes(key)) showAside(key, place);
  }
}

// Words for an editor that cannot be opened any more: its block is gone, or closed to the person.
export function showLostEditors(prefix, isThere) {
  const start = MINE + EDITOR + prefix;
  for (const key of keysOf(start)) if (!isThere(key.slice(start.length))) showAside(key, document.getElementById("drafts"));
}

// The workbench tells where something was left; on other pages it would only be in the way.
function tellElsewhere() {
  const pages = new Map(keysOf(MINE).map(key => read(key) || {}).map(draft => [draft.address || "", draft.title]));
  const links = [...pages].filter(([address]) => /^\/[^/\\]/.test(address)).map(([href, title]) => Object.assign(document.createElement("a"), { href, textContent: title || href }));
  if (links.length) document.getElementById("drafts").append(line(words.elsewhere, ...links));
}

if (words.login) {
  forgetOld();
  takeReceipt();
  window.addEventListener("pageshow", event => { if (event.persisted) takeReceipt(); });
  const note = event => { const form = event.target.form; if (form && form.dataset.keep) keep(form); };
  document.addEventListener("input", note);
  document.addEventListener("change", note);
  document.addEventListener("click", event => {
    const form = event.target.closest("[data-forget]") && event.target.closest("form[data-keep]");
    if (form) forget(form);
  });
  document.addEventListener("formdata", event => {
    const draft = event.target.dataset.keep && read(keyOf(event.target));
    if (draft) event.formData.set("draft_id", draft.id);
  });
  restoreDrafts(document, "", document.getElementById("drafts"));
  if (location.pathname === "/") tellElsewhere();
}
