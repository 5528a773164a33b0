// On every page: figures typed by this person that have not reached the server yet. They are named with a way to their page,
// and signing out asks first. Other people's are neither counted nor shown: keys carry the person's id.
const frame = document.getElementById("kept-elsewhere");
const prefix = frame && `twr:${frame.dataset.user}:`;

function kept() {
  const found = [];
  try {
    for (let i = 0; i < localStorage.length; i++) {
      const key = localStorage.key(i);
      if (key.startsWith(prefix)) found.push(JSON.parse(localStorage.getItem(key)));
    }
  } catch (error) { /* no storage: nothing kept */ }
  return found.filter(op => op && typeof op.cell === "string");
}

function showElsewhere() {
  const pages = new Map();
  for (const op of kept()) {
    if (/^\/returns\/\d+\/(villages\/)?$/.test(op.page || "") && op.page !== location.pathname) pages.set(op.page, [...(pages.get(op.page) || []), op]);
  }
  for (const [page, ops] of pages) {
    const link = Object.assign(document.createElement("a"), { href: page, textContent: ops[0].title || page });
    frame.append(frame.dataset.words.replace("{n}", ops.length) + " ", link, " ");
  }
  frame.hidden = !pages.size;
}

// Before the form is taken for sent by the page's own listener.
function askBeforeLeaving(event) {
  if (!event.target.matches("form[data-sign-out]")) return;
  const count = kept().length;
  if (!count || window.confirm(frame.dataset.ask.replace("{n}", count))) return;
  event.preventDefault();
  event.stopImmediatePropagation();
}

if (frame) {
  showElsewhere();
  document.addEventListener("submit", askBeforeLeaving, true);
}
