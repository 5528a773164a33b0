// The trace of a number: going through the changed ones, and how another figure would print in its place.
// Without this script the links and forms load whole pages.

let isWalking = false;

const chipOf = (pk) => document.querySelector(`a[data-trace="${pk}"]`);

function goTo(pk) {
  const chip = chipOf(pk);
  if (!chip) return false;
  isWalking = true;
  if (!chip.classList.contains("open")) chip.click();
  chip.scrollIntoView({ block: "start" });
  return true;
}

// The panel has come: the number stands above it again.
document.addEventListener("report:traced", (event) => {
  if (isWalking) event.detail.chip.scrollIntoView({ block: "start" });
  isWalking = false;
});

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("[data-walk]");
  if (link && goTo(link.dataset.walk)) event.preventDefault();
});

// After a decision the walk goes on to the next changed number.
document.addEventListener("report:done", (event) => {
  if (event.detail.next) goTo(event.detail.next);
});

function tokenOf(form) {
  const part = (name) => form.elements[name].value.trim();
  const more = [part("scope"), part("aggregate")].filter(Boolean).map((word) => `|${word}`).join("");
  return `【${part("name")}|${part("period")}|${part("format")}${more}】`;
}

document.addEventListener("change", async (event) => {
  const form = event.target.closest("form[data-rebind]");
  if (!form) return;
  const output = form.querySelector("[data-shows]");
  const token = tokenOf(form);
  try {
    const reply = await fetch(`${form.dataset.rebind}?token=${encodeURIComponent(token)}`, { redirect: "error", headers: { "X-Requested-With": "fetch" } });
    if (!reply.ok || token !== tokenOf(form)) return;
    const answer = await reply.json();
    const isBad = answer.status === "refused" || answer.status === "missing";
    output.textContent = isBad ? answer.reason : answer.shown;
    output.classList.toggle("bad", isBad);
  } catch (error) {
    output.textContent = ""; // no network: the server judges when it is sent
  }
});
