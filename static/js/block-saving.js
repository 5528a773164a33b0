// What is typed into a block: kept on this device until it is saved, and saved by itself a little after the last key, one
// request at a time. Without a network it waits and goes out later; what the server cannot take stands here until it is mended.

import { clock } from "./clock.js";
import { keepEditor, readEditor, showLostEditors } from "./drafts.js";

const middle = document.querySelector("[data-report]");
const AFTER = 1500, MOST_WAIT = 30000;

const nameOf = (key) => `${middle.dataset.report}:${key}`;
export const keep = (key, draft) => keepEditor(nameOf(key), draft);
export const draftOf = (key) => readEditor(nameOf(key));

showLostEditors(nameOf(""), (key) => document.querySelector(`[data-block="${key}"] :is([data-edit], [data-editor])`));

export const fieldsOf = (block) => [...block.querySelectorAll("[data-editor] :is(textarea, input:not([type=hidden]), select)")];
const defaultOf = (field) => {
  if (!field.options) return field.defaultValue;
  const chosen = [...field.options].find((option) => option.defaultSelected) || field.options[0];
  return chosen ? chosen.value : "";
};
export const isTyped = (field) => field.value !== defaultOf(field);
export const valuesOf = (block) => Object.fromEntries(fieldsOf(block).map((field) => [field.name, field.value]));

export function setValue(field, value) {
  if (!field.options || [...field.options].some((option) => option.value === value)) field.value = value;
}

// What stands in the field, or `value`, is what is stored now.
export function settleFields(field, value = field.value) {
  const typed = field.value;
  if (field.options) for (const option of field.options) option.defaultSelected = option.value === value;
  else field.defaultValue = value;
  field.value = typed;
}

// Nothing typed, nothing kept: the browser tells of a change once more when a saved editor leaves the page.
export function keepTyped(block) {
  if (!fieldsOf(block).some(isTyped)) { keep(block.dataset.block, null); return; }
  keep(block.dataset.block, { values: valuesOf(block), version: block.querySelector("[name=version]").value });
}

// `send(form)` resolves as sending.js does; `saved(block, answer)` and `conflict(block, html, typed)` draw what came of it.
export function watchBlock({ send, saved, conflict, words }) {
  const states = new WeakMap();
  const stateOf = (block) => states.get(block) || states.set(block, { timer: 0, sent: null, tries: 0 }).get(block);

  function note(block) {
    const state = stateOf(block);
    clearTimeout(state.timer);
    if (state.closed || !fieldsOf(block).some(isTyped)) return;
    state.timer = setTimeout(() => run(block), AFTER);
  }

  async function run(block) {
    const state = stateOf(block);
    clearTimeout(state.timer);
    if (!block.isConnected || state.closed || !fieldsOf(block).some(isTyped)) return;
    if (state.sent) { await state.sent; note(block); return; }
    if (block.querySelector("[data-editor]").dataset.saving) { note(block); return; }
    mark(block, words.saving);
    state.sent = deliver(block, state).finally(() => { state.sent = null; });
    await state.sent;
  }

  async function deliver(block, state) {
    const form = block.querySelector("[data-editor]"), typed = valuesOf(block);
    let result;
    try { result = await send(form); } catch (error) { result = { fault: "offline" }; }
    if (state.closed || !block.isConnected) return;
    const { response, fault, message } = result;
    if (fault === "offline" || fault === "failed") { retry(block, state); return; }
    state.tries = 0;
    if (fault) { mark(block, message || words.kept, "bad"); return; }
    await take(block, response, typed);
  }

  async function take(block, response, typed) {
    const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
    if (!isJson) {
      if (response.status === 409) conflict(block, await response.text(), valuesOf(block));
      else mark(block, words.kept, "bad");
      return;
    }
    const answer = await response.json();
    if (answer.unsaved) { mark(block, `${answer.unsaved} ${words.kept}`, "bad"); return; }
    stored(block, answer, typed);
    saved(block, answer);
    mark(block, `${words.stored} ${clock()}`, "ok");
  }

  // `typed` is stored now: what an earlier try was refused for is over, and what was typed since goes out next.
  function stored(block, answer, typed) {
    const key = block.dataset.block;
    block.querySelector("[name=version]").value = answer.versions[key];
    for (const field of fieldsOf(block)) settleFields(field, typed[field.name]);
    if (fieldsOf(block).some(isTyped)) { keepTyped(block); note(block); } else keep(key, null);
    for (const box of block.querySelectorAll("[data-editor] > :is(.rp-errors, .rp-conflict, [data-fault])")) box.remove();
  }

  function retry(block, state) {
    state.tries += 1;
    mark(block, words.waiting, "wait");
    state.timer = setTimeout(() => run(block), Math.min(MOST_WAIT, 1000 * 2 ** state.tries));
  }

  // A save by hand waits for the one that is under way, so that it starts from the version which that one made.
  async function idle(block) {
    const state = stateOf(block);
    clearTimeout(state.timer);
    if (state.sent) await state.sent;
    clearTimeout(state.timer);
  }

  function forget(block) {
    const state = stateOf(block);
    clearTimeout(state.timer);
    state.closed = true;
  }

  window.addEventListener("online", () => {
    for (const block of document.querySelectorAll("[data-block]")) if (block.querySelector("[data-editor]")) run(block);
  });
  return { note, idle, forget, stored };
}

function mark(block, text, kind = "") {
  const place = block.querySelector("[data-autosave]");
  if (!place) return;
  place.textContent = text;
  place.dataset.kind = kind;
}
