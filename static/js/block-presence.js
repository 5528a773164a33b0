// Tells who else has which block open: a beat while the page is looked at, sooner when a block is opened.
import { post } from "./sending.js";

const middle = document.querySelector("[data-report]");
const PERIOD = 25000;
let timer = 0;

async function beat() {
  if (document.hidden) return;
  const open = middle.querySelector("[data-block] [data-editor]");
  const data = new FormData();
  data.set("block", open ? open.closest("[data-block]").dataset.block : "");
  const { response, fault } = await post(middle.dataset.here, data);
  if (fault === "refused") clearInterval(timer); // handed in meanwhile: nothing is edited any more
  if (response && response.ok) show((await response.json()).others);
}

function show(others) {
  for (const mark of middle.querySelectorAll(".rp-present")) mark.remove();
  for (const [key, names] of Object.entries(others)) {
    const block = document.getElementById(`b-${key}`);
    if (!block) continue;
    const mark = Object.assign(document.createElement("p"), { className: "rp-note rp-present", textContent: `${names} ${middle.dataset.hereWords}` });
    block.prepend(mark);
  }
}

if (middle.dataset.here) {
  timer = setInterval(beat, PERIOD);
  setTimeout(beat, 1500);
  document.addEventListener("visibilitychange", beat);
  document.addEventListener("report:open", beat);
}
