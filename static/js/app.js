// Behaviour of every page: one submit per click, closing the user menu, focus on the error summary.

const summary = document.querySelector("[data-error-summary]");
if (summary) summary.focus();

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  const question = (event.submitter && event.submitter.dataset.confirm) || form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (form.method === "post" && !form.hasAttribute("data-stays")) form.dataset.sent = "1";
});

// A page that comes back from the browser's history may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// Menus close on a click beside them and on Escape; those of a part that is loaded anew too.
const MENUS = "details.mr-user[open], details.rp-menu[open]";
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll(MENUS)) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest(MENUS);
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A wide table on a narrow screen starts at the columns that matter now, none of them half hidden by the fixed first one.
for (const wrap of document.querySelectorAll(".heatwrap")) {
  const now = wrap.querySelector("th.cur");
  const name = wrap.querySelector("thead th");
  if (!now || wrap.scrollWidth <= wrap.clientWidth) continue;
  const wanted = now.offsetLeft + 2 * now.offsetWidth - wrap.clientWidth;
  const first = [...wrap.querySelectorAll("thead th")].find((cell) => cell !== name && cell.offsetLeft - name.offsetWidth - 6 >= wanted);
  if (first && wanted > 0) wrap.scrollLeft = first.offsetLeft - name.offsetWidth - 6;
}

// An index longer than its box shows the entry that is open.
for (const entry of document.querySelectorAll(".mr-index [aria-current]")) {
  const box = entry.closest(".mr-index");
  box.scrollTop = entry.offsetTop - box.offsetTop - box.clientHeight / 3;
}
