// Texts with a limit (data-most): counted near it, refused beyond it, never cut off. The server judges by the same limit.
const words = (document.getElementById("sending-words") || { dataset: {} }).dataset;
const NEAR = 0.9;

const countOf = field => [...field.value.trim()].length; // as the server counts: characters, not UTF-16 units
const fill = (text, values) => text.replace(/\{(\w+)\}/g, (whole, name) => values[name]);

// Says beside the field how long the text is, when that matters. Returns whether it is too long.
export function isTooLong(field) {
  const most = Number(field.dataset.most), n = countOf(field), isOver = n > most;
  let line = field.nextElementSibling;
  if (!line || !line.matches("[data-count]")) line = null;
  if (n < most * NEAR) { if (line) line.remove(); } else {
    if (!line) {
      line = Object.assign(document.createElement("p"), { className: "mr-count" });
      line.dataset.count = "";
      line.setAttribute("role", "status");
      field.after(line);
    }
    line.classList.toggle("bad", isOver);
    line.textContent = fill(isOver ? words.long : words.count, { n, most, over: n - most });
  }
  if (isOver) { field.setAttribute("aria-invalid", "true"); field.dataset.over = ""; }
  else if ("over" in field.dataset) { field.removeAttribute("aria-invalid"); delete field.dataset.over; }
  return isOver;
}

document.addEventListener("input", event => { if (event.target.dataset && event.target.dataset.most) isTooLong(event.target); });

// Before any other listener sends the form or takes it for sent.
document.addEventListener("submit", event => {
  const long = [...event.target.querySelectorAll("[data-most]")].filter(isTooLong);
  if (!long.length) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  long[0].focus();
}, true);

// A browser cuts a pasted text at maxlength without a word.
for (const field of document.querySelectorAll("form[data-keep] [maxlength]")) {
  field.dataset.most = field.getAttribute("maxlength");
  field.removeAttribute("maxlength");
}
for (const field of document.querySelectorAll("[data-most]")) if (field.value) isTooLong(field);
