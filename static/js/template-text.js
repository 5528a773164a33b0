// Puts a quoted figure or local fact where the cursor stood last in a text of the template.

const form = document.querySelector("[data-template-text]");
const fields = "textarea, input[type=text]";
let last = form.querySelector("#id_text");

form.addEventListener("focusin", (event) => {
  if (event.target.matches(fields)) last = event.target;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-quote]");
  if (!button || !last) return;
  last.setRangeText(button.dataset.quote, last.selectionStart, last.selectionEnd, "end");
  last.focus();
});
