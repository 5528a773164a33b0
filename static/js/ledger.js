// The quick-add row of a ledger: Enter saves from every field, never the Enter that ends a pinyin word.
// What was typed is kept as in every form: drafts.js.

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

if (form) form.addEventListener("keydown", onKey);
