// The quick-add row of a ledger: Enter saves from every field, never the Enter that ends a pinyin word; what was typed
// survives an expired session, a refusal of the server or a closed tab until it is saved.

const form = document.querySelector("form[data-quick]");

function isPlainEnter(event) {
  return event.key === "Enter" && !event.isComposing && event.keyCode !== 229;
}

function onKey(event) {
  if (event.key !== "Enter") return;
  const field = event.target;
  if (!isPlainEnter(event)) { event.preventDefault(); return; }
  if (!field.matches("select, input[type=checkbox], input[type=date]")) return; // the browser itself submits from the others
  event.preventDefault();
  form.querySelector(".lg-do button[type=submit]").click();
}

const store = {
  key: form ? `twr:quick:${form.dataset.quick}` : "",
  read() { try { return JSON.parse(localStorage.getItem(this.key)); } catch { return null; } },
  keep(values) { try { localStorage.setItem(this.key, JSON.stringify(values)); } catch { /* full or switched off */ } },
  forget() { try { localStorage.removeItem(this.key); } catch { /* switched off */ } },
};

const fields = () => [...form.elements].filter(el => el.name && el.type !== "hidden" && el.type !== "submit" && el.type !== "button");
const valueOf = el => (el.type === "checkbox" ? el.checked : el.value);

function remember() {
  store.keep(Object.fromEntries(fields().map(el => [el.name, valueOf(el)])));
}

function bringBack(draft) {
  const lost = fields().filter(el => el.name in draft && draft[el.name] !== valueOf(el));
  if (!lost.length) return;
  for (const el of lost) { if (el.type === "checkbox") el.checked = draft[el.name]; else el.value = draft[el.name]; }
  form.querySelector(".lg-draft").hidden = false;
}

if (form) {
  form.addEventListener("keydown", onKey);
  form.addEventListener("input", remember);
  for (const place of form.querySelectorAll("[data-forget]")) {
    place.addEventListener("click", () => { store.forget(); if (place.matches("button")) location.assign(form.action); });
  }
  const isAnswer = "added" in form.dataset || form.querySelector("[data-error-summary]") || new URLSearchParams(location.search).has("copy");
  const draft = store.read();
  if ("added" in form.dataset) store.forget();
  else if (draft && !isAnswer) bringBack(draft);
}
