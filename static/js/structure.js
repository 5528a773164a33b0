// The order of a report's blocks: a place to insert opens behind a block, Alt+Up and Alt+Down move the block of the
// focus, or the plan item.
// Moving, deleting and undoing are forms of the page; report.js sends them and puts the answer in place.

function closeInsert() {
  const open = document.getElementById("rp-insert");
  if (open) open.remove();
}

async function openInsert(link) {
  closeInsert();
  const block = link.closest("[data-block]");
  try {
    const reply = await fetch(link.href, { redirect: "error", headers: { "X-Requested-With": "fetch" } });
    if (!reply.ok) throw new Error(reply.status);
    block.insertAdjacentHTML("afterend", (await reply.text()).trim());
    block.nextElementSibling.querySelector("button").focus();
  } catch (error) {
    window.location.href = link.href;
  }
}

function leaveInsert() {
  const open = document.getElementById("rp-insert");
  const link = open && open.previousElementSibling.querySelector("[data-insert-after]");
  closeInsert();
  if (link) link.focus();
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-insert-after]");
  if (!link && !event.target.closest("[data-close-insert]")) return;
  event.preventDefault();
  if (link) openInsert(link);
  else leaveInsert();
});

const ARROWS = { ArrowUp: "[data-up]", ArrowDown: "[data-down]" };

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.getElementById("rp-insert")) leaveInsert();
  if (!event.altKey || !ARROWS[event.key]) return;
  const item = event.target.closest("tr:has(> .pl-do)"), block = event.target.closest("[data-block]");
  const button = item ? item.querySelector(ARROWS[event.key]) : block && block.querySelector(`[data-order] ${ARROWS[event.key]}`);
  if (!button) return;
  event.preventDefault();
  button.click();
});
