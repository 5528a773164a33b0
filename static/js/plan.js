// Plan items and outcomes of a report, in place: a row opens as a form, an answer puts the block anew.
// Without this script every link and form works with whole pages.

const words = document.querySelector("[data-report]").dataset;
const HEADERS = { "X-Requested-With": "fetch" };
let pressed = ""; // which way an item went last: the keyboard stays on that button
const rows = new WeakMap(); // an open form's row -> the row it stands for

function node(html) {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  return holder.content.firstElementChild;
}

const fieldsOf = (form) => [...form.querySelectorAll("input:not([type=hidden])")];
const isTyped = (form) => fieldsOf(form).some((field) => field.value !== field.defaultValue);

async function ask(url, options = {}) {
  const reply = await fetch(url.split("#")[0], { redirect: "error", ...options, headers: HEADERS });
  if (reply.status >= 500 || reply.status === 403 || reply.status === 404) throw new Error(reply.status);
  return reply;
}

function lost(form) {
  let box = form.querySelector(".pl-lost");
  if (!box) {
    box = document.createElement("p");
    box.className = "pl-lost pl-wide";
    box.setAttribute("role", "alert");
    form.append(box);
  }
  box.textContent = words.lost;
}

async function send(form, button) {
  if (form.dataset.busy) return;
  pressed = button && "up" in button.dataset ? "up" : "down";
  form.dataset.busy = "1";
  const body = new FormData(form);
  if (button && button.name) body.append(button.name, button.value);
  const url = (button && button.getAttribute("formaction")) || form.getAttribute("action");
  try {
    const reply = await ask(url, { method: "POST", body });
    if ((reply.headers.get("Content-Type") || "").includes("json")) done(form, await reply.json());
    else redraw(form, await reply.text());
  } catch (error) {
    lost(form);
  } finally {
    delete form.dataset.busy;
  }
}

// What is typed in the block's other forms is carried over into the block as it comes back.
function done(form, answer) {
  if (answer.parts) {
    for (const field of fieldsOf(form)) field.defaultValue = field.value;
    const block = form.closest("[data-block]");
    const others = [...block.querySelectorAll("form[data-plan]")].filter((other) => other !== form && isTyped(other));
    const kept = others.map((other) => [other.getAttribute("action"), fieldsOf(other).map((field) => [field.name, field.value])]);
    for (const other of others) for (const field of fieldsOf(other)) field.defaultValue = field.value;
    document.dispatchEvent(new CustomEvent("report:parts", { detail: answer }));
    if (!block.id.startsWith("b-")) window.location.reload(); // items without a paragraph stand outside the parts
    restore(document.getElementById(block.id), kept);
    refocus(document.getElementById(block.id), form);
    return;
  }
  document.dispatchEvent(new CustomEvent("report:parts", { detail: { message: answer.message, parts: {} } }));
  lostWith(form, answer.message);
}

function lostWith(form, message) {
  lost(form);
  form.querySelector(".pl-lost").textContent = message;
}

function restore(block, kept) {
  for (const [action, values] of kept) {
    const form = block && [...block.querySelectorAll("form[data-plan]")].find((other) => other.getAttribute("action") === action);
    if (!form) continue;
    const box = form.closest("details");
    if (box) box.open = true;
    for (const [name, value] of values) form.elements[name].value = value;
  }
}

function refocus(block, form) {
  if (!block) return;
  const moved = form.dataset.item && document.getElementById(form.dataset.item);
  if (moved) {
    const [wanted, other] = pressed === "up" ? ["[data-up]", "[data-down]"] : ["[data-down]", "[data-up]"];
    (moved.querySelector(wanted) || moved.querySelector(other)).focus();
    return;
  }
  const add = form.dataset.plan === "add" && block.querySelector("details.pl-add");
  if (add) {
    add.open = true;
    add.querySelector("[name=measure]").focus();
    return;
  }
  block.tabIndex = -1;
  block.focus({ preventScroll: true });
}

function redraw(form, html) {
  const again = node(html);
  const row = form.closest("tr");
  form.replaceWith(again);
  for (const field of fieldsOf(again)) {
    const typed = field.value; // what came back is not saved yet
    field.defaultValue = "";
    field.value = typed;
  }
  if (row && rows.has(row)) rows.set(again.closest("tr"), rows.get(row));
  (again.querySelector("[aria-invalid]") || again.querySelector(".rp-errors") || again.querySelector("[name=amount]")).focus();
}

async function open(link) {
  const row = link.closest("tr");
  try {
    const reply = await ask(link.getAttribute("href"));
    const place = document.createElement("tr");
    place.className = "pl-open";
    const cell = document.createElement("td");
    cell.colSpan = 6;
    cell.append(node(await reply.text()));
    place.append(cell);
    rows.set(place, row);
    row.replaceWith(place);
    cell.querySelector("[name=measure]").focus();
  } catch (error) {
    window.location.href = link.href;
  }
}

function cancel(link) {
  const place = link.closest("tr");
  const row = place && rows.get(place);
  if (isTyped(link.closest("form")) && !window.confirm(words.leave)) return;
  if (!row) {
    for (const field of fieldsOf(link.closest("form"))) field.defaultValue = field.value;
    window.location.href = link.href;
    window.location.reload();
    return;
  }
  place.replaceWith(row);
  row.querySelector("[data-plan-edit]").focus();
}

document.addEventListener(
  "click",
  (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const edit = event.target.closest("[data-edit]");
    const typed = edit && [...edit.closest("[data-block]").querySelectorAll("form[data-plan]")].some(isTyped);
    if (typed && !window.confirm(words.leave)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    for (const [selector, deed] of [["[data-plan-edit]", open], ["[data-plan-cancel]", cancel]]) {
      const found = event.target.closest(selector);
      if (!found) continue;
      event.preventDefault();
      deed(found);
    }
  },
  true,
);

// Before the page's own one-click guard: these forms stay on the page.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (!form.matches("form[data-plan]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    const question = button && button.dataset.confirm;
    if (question && !window.confirm(question)) return;
    send(form, button);
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const form = event.target.closest && event.target.closest("form[data-plan]");
  if (!form) return;
  const link = form.querySelector("[data-plan-cancel]");
  if (event.key === "Escape" && link) cancel(link);
});
