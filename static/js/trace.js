// The trace of a number: going through the changed ones, and how another figure would print in its place.
// Without this script the links and forms load whole pages.

import { wireRebind } from "./figure-picker.js";

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

// What else the number's place may quote: the list comes when it is asked for.

async function ask(url) {
  const reply = await fetch(url, { redirect: "error", headers: { "X-Requested-With": "fetch" } });
  if (!reply.ok) throw new Error(reply.status);
  return reply;
}

async function openRebind(link) {
  try {
    const reply = await ask(link.href.split("#")[0]);
    const part = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector(".rp-rebind");
    const picker = document.importNode(part, true);
    link.closest(".rp-rebind").replaceWith(picker);
    wireRebind(picker, ask);
  } catch (error) {
    window.location.href = link.href;
  }
}

document.addEventListener("click", (event) => {
  if (event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const link = event.target.closest("a[data-rebind]");
  if (!link) return;
  event.preventDefault();
  openRebind(link);
});

const loaded = document.querySelector("#rp-trace [data-picker]");
if (loaded) wireRebind(loaded, ask);
