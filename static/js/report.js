// The annual report: a block opens as plain text and closes as chips, a number opens its trace, all in place.
// Without this script every link and form works with whole pages.

import { forget, restoreDrafts } from "./drafts.js";
import { clock } from "./clock.js";
import { draftOf, fieldsOf, isTyped, keep, keepTyped, setValue, settleFields, valuesOf, watchBlock } from "./block-saving.js";
import { wirePicker } from "./figure-picker.js";
import { hush, post, tell } from "./sending.js";

const middle = document.querySelector("[data-report]");
const doc = middle.querySelector(".doc");
const words = middle.dataset;
const HEADERS = { "X-Requested-With": "fetch" };
const isDirty = (block) => [...fieldsOf(block), ...block.querySelectorAll("[data-plan] input")].some(isTyped);

function node(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}

function say(text) {
  middle.querySelector("[data-said]").textContent = text;
  const place = document.querySelector("[data-saved]");
  if (place) place.textContent = text && `${text} ${clock()}`;
}

// A signed-out person is redirected to the sign-in page: that is no answer to us.
async function ask(url, options = {}) {
  const reply = await fetch(url, { redirect: "error", ...options, headers: HEADERS });
  if (reply.status >= 500 || reply.status === 403 || reply.status === 404) throw new Error(reply.status);
  return reply;
}

function send(form, button) {
  const data = new FormData(form);
  if (button && button.name) data.append(button.name, button.value);
  const url = (button && button.getAttribute("formaction")) || form.getAttribute("action");
  return post(url.split("#")[0], data);
}

// Parts of the page as they are now. What is being typed in them stays: an editor with unsaved text as it is, one without opens
// anew on the text as it is now, and words of a half-written comment are carried over with the place of the cursor.
function put(parts, saved = "") {
  for (const [id, html] of Object.entries(parts)) {
    const old = document.getElementById(id);
    const isEditor = old && !id.startsWith("part-") && old.querySelector("[data-editor]");
    if (!old || (!id.startsWith("part-") && isDirty(old))) continue;
    const fresh = node(html), typed = wordsIn(old);
    old.replaceWith(fresh);
    typed.forEach((words) => carryOver(words, fresh));
    restoreDrafts(fresh);
    const edit = isEditor && id !== saved && fresh.querySelector("[data-edit]");
    if (edit) openEditor(edit);
  }
}

// Blocks as the server says that there are: new ones are put in, those that are gone are taken out. What is open stays open.
function arrange(order, parts) {
  if (!order) return;
  const inOrder = order.map((id) => document.getElementById(id) || (parts[id] && node(parts[id]))).filter(Boolean);
  const known = new Set(order);
  for (const block of doc.querySelectorAll("[id^='b-']")) if (!known.has(block.id) && !isDirty(block)) block.remove();
  let last = document.getElementById("rp-head");
  for (const block of inOrder) {
    if (nextBlock(last) !== block) last.after(block);
    last = block;
  }
}

function nextBlock(block) {
  let next = block.nextElementSibling;
  while (next && !next.id.startsWith("b-")) next = next.nextElementSibling;
  return next;
}

function wordsIn(part) {
  const fields = [...part.querySelectorAll("form[data-keep] :is(textarea, input:not([type=hidden]):not([type=radio]))")];
  const typed = fields.filter((field) => field.value !== field.defaultValue || field === document.activeElement);
  return typed.map((field) => ({
    id: field.id, value: field.value, isActive: field === document.activeElement, at: [field.selectionStart, field.selectionEnd],
    note: (field.form.querySelector("input[name=kind]:checked") || {}).value,
  }));
}

function carryOver(words, part) {
  const field = part.querySelector(`[id="${words.id}"]`);
  if (!field) return;
  field.value = words.value;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  const kind = words.note && field.form.querySelector(`input[name=kind][value="${words.note}"]`);
  if (kind) kind.checked = true;
  if (!words.isActive) return;
  field.focus({ preventScroll: true });
  field.setSelectionRange(...words.at);
}

// The editor

async function openEditor(link) {
  const block = link.closest("[data-block]");
  try {
    const reply = await ask(link.getAttribute("href").split("#")[0]);
    showEditor(block, await reply.text());
  } catch (error) {
    window.location.href = link.href;
  }
}

function showEditor(block, html) {
  closeTrace();
  const open = node(html);
  block.replaceWith(open);
  restore(open);
  wire(open);
  const text = open.querySelector("[name=text]");
  text.focus();
  text.setSelectionRange(text.value.length, text.value.length);
  document.dispatchEvent(new CustomEvent("report:open", { detail: open }));
  return open;
}

// A draft of an older version of the block keeps that version, so that saving it shows both texts.
function restore(block) {
  const draft = draftOf(block.dataset.block);
  if (!draft) return;
  const differ = fieldsOf(block).filter((field) => field.name in draft.values && draft.values[field.name] !== field.value);
  if (!differ.length) {
    keep(block.dataset.block, null);
    return;
  }
  for (const field of differ) setValue(field, draft.values[field.name]);
  block.querySelector("[name=version]").value = draft.version;
  warn(block, words.draft);
}

function warn(block, message) {
  let box = block.querySelector("[data-warning]");
  if (!box) {
    box = document.createElement("p");
    box.className = "rp-errors";
    box.dataset.warning = "";
    box.setAttribute("role", "alert");
    block.querySelector("[data-editor]").prepend(box);
  }
  box.textContent = message;
}

async function save(form) {
  const block = form.closest("[data-block]");
  const button = form.querySelector("[data-save]");
  if (form.dataset.saving) return; // asked twice: the second would compete with the first
  form.dataset.saving = "1";
  button.disabled = true;
  await autosave.idle(block);
  if (!form.isConnected) return;
  const typed = valuesOf(block);
  try {
    const { response: reply, ...fault } = await send(form);
    hush(form);
    if (!reply) tell(form, fault);
    else if (reply.ok) {
      const answer = await reply.json();
      autosave.stored(block, answer, typed); // words typed meanwhile keep the editor open
      put(answer.parts, block.id);
      arrange(answer.order, answer.parts);
      say(answer.message);
      const edit = document.querySelector(`[id="b-${block.dataset.block}"] [data-edit]`);
      if (edit) edit.focus({ preventScroll: true });
    } else {
      replaceEditor(block, await reply.text());
    }
  } catch (error) {
    tell(form, { fault: "failed" });
  } finally {
    button.disabled = false;
    delete form.dataset.saving;
  }
}

// The server's answer to a refused save holds the typed text; compared with what is stored it is still unsaved.
function replaceEditor(block, html) {
  const open = node(html);
  block.replaceWith(open);
  markUnsaved(open);
  wire(open);
  const first = open.querySelector(".rp-goto");
  (first || open.querySelector("[name=text]")).focus();
}

function markUnsaved(block) {
  for (const field of fieldsOf(block)) {
    if (field.options) continue;
    const typed = field.value; // a box that nobody has touched yet would follow its default
    field.defaultValue = "\u2060";
    field.value = typed;
  }
}

async function cancel(link) {
  const block = link.closest("[data-block]");
  if (isDirty(block) && !window.confirm(words.leave)) return;
  keep(block.dataset.block, null);
  autosave.forget(block);
  fieldsOf(block).forEach((field) => settleFields(field));
  try {
    const reply = await ask(link.getAttribute("href").split("#")[0]);
    const page = new DOMParser().parseFromString(await reply.text(), "text/html");
    const closed = document.importNode(page.getElementById(block.id), true);
    block.replaceWith(closed);
    restoreDrafts(closed);
    const edit = document.querySelector(`[id="${block.id}"] [data-edit]`);
    if (edit) edit.focus({ preventScroll: true });
  } catch (error) {
    window.location.href = link.href;
  }
}

function wire(block) {
  block.querySelector("[data-editor]").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      save(event.currentTarget);
    }
  });
  const note = (event) => {
    if (event.isComposing) return;
    keepTyped(block);
    autosave.note(block);
  };
  for (const name of ["input", "change", "compositionend"]) block.querySelector("[data-editor]").addEventListener(name, note);
  wirePicker(block, ask);
}

// Saves while one types: what the server made of it goes into the page around the open editor.
const autosave = watchBlock({
  send: (form) => {
    const data = new FormData(form);
    data.set("auto", "1");
    return post(form.getAttribute("action").split("#")[0], data);
  },
  saved: (block, answer) => {
    put(answer.parts);
    arrange(answer.order, answer.parts);
    say(answer.message);
  },
  conflict: (block, html, typed) => {
    const open = node(html);
    block.replaceWith(open);
    for (const field of fieldsOf(open)) if (field.name in typed) setValue(field, typed[field.name]);
    markUnsaved(open);
    wire(open);
    keepTyped(open);
    open.querySelector("[name=text]").focus();
  },
  words,
});

// The trace of a number

function closeTrace() {
  const open = document.getElementById("rp-trace");
  if (open) open.remove();
  for (const chip of document.querySelectorAll(".fig.open")) chip.classList.remove("open");
}

async function openTrace(chip) {
  const wasOpen = chip.classList.contains("open");
  closeTrace();
  if (wasOpen) return;
  try {
    const reply = await ask(chip.getAttribute("href").split("#")[0]);
    const trace = node(await reply.text());
    closeTrace(); // a second one may have been asked for meanwhile
    chip.closest("[data-block]").after(trace);
    chip.classList.add("open");
    trace.focus({ preventScroll: true });
    trace.scrollIntoView({ block: "nearest" });
    document.dispatchEvent(new CustomEvent("report:traced", { detail: { chip } }));
  } catch (error) {
    window.location.href = chip.href;
  }
}

function leaveTrace() {
  const chip = document.querySelector(".fig.open");
  closeTrace();
  if (chip) chip.focus();
}

// Small deeds: updates, leaving out, comments

async function doDeed(form, button) {
  if (form.dataset.busy) return;
  form.dataset.busy = "1";
  const home = form.closest("[data-block], [id^=part-]");
  try {
    const { response, ...fault } = await send(form, button);
    hush(form);
    if (!response) tell(form, fault);
    else done(form, home, await response.json());
  } catch (error) {
    tell(form, { fault: "failed" });
  } finally {
    delete form.dataset.busy;
  }
}

// What was sent is no draft any more: its fields are empty before the parts are drawn anew.
function done(form, home, answer) {
  if (form.dataset.keep) { forget(form); form.reset(); }
  closeTrace();
  if (home && home.id === "rp-insert") home.remove();
  put(answer.parts);
  arrange(answer.order, answer.parts);
  say(answer.message);
  const made = answer.open && document.querySelector(`[id="b-${answer.open}"] [data-edit]`);
  if (made) openEditor(made);
  else refocus(home && home.id);
  document.dispatchEvent(new CustomEvent("report:done", { detail: { next: form.dataset.next } }));
}

// What held the button has been drawn anew: the keyboard stays at its place.
function refocus(id) {
  const place = id && document.getElementById(id);
  if (!place || place.contains(document.activeElement)) return;
  place.tabIndex = -1;
  place.focus({ preventScroll: true });
}

const DEEDS = [
  ["[data-edit]", openEditor],
  ["[data-trace]", openTrace],
  ["[data-close-trace]", leaveTrace],
  ["[data-cancel]", cancel],
];

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const goto = event.target.closest(".rp-goto");
  if (goto) {
    const text = goto.closest("[data-block]").querySelector("[name=text]");
    const start = Number(goto.dataset.start);
    text.focus();
    text.setSelectionRange(start, start + Number(goto.dataset.length));
  }
  for (const [selector, deed] of DEEDS) {
    const found = event.target.closest(selector);
    if (!found) continue;
    event.preventDefault();
    deed(found);
    return;
  }
});

// Before the page's own one-click guard: these forms stay on the page.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("[data-editor], [data-part]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.matches("[data-editor]")) save(form);
    else doDeed(form, event.submitter);
  },
  true,
);

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.getElementById("rp-trace")) leaveTrace();
});

// The script of plan items answers in place through this page's parts.
document.addEventListener("report:parts", (event) => {
  put(event.detail.parts);
  say(event.detail.message);
});

window.addEventListener("beforeunload", (event) => {
  if (![...document.querySelectorAll("[data-block]")].some(isDirty)) return;
  event.preventDefault();
  event.returnValue = words.leave;
});

for (const block of document.querySelectorAll("[data-block]")) {
  const link = block.querySelector("[data-edit]");
  if (link && draftOf(block.dataset.block)) openEditor(link);
  if (!block.querySelector("[data-editor]")) continue;
  if (block.querySelector("[role=alert]")) markUnsaved(block);
  else restore(block);
  wire(block);
}
