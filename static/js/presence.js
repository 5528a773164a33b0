// A beat while the page is looked at: tells that somebody works here, hears what others saved. Silent in hidden tabs.
import { form, table } from "./grid-sheet.js";
import { queue, showClosed, showSignedOut, takeReply } from "./grid-saving.js";

const PERIOD = 25000;
let isActive = false, isAsking = false, timer = 0;

export function startBeat() {
  for (const name of ["keydown", "input", "pointerdown"]) table.addEventListener(name, () => { isActive = true; });
  document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
  timer = setInterval(beat, PERIOD);
  setTimeout(beat, 1500);
}

async function beat() {
  if (document.hidden || isAsking || queue.sent || queue.tries) return;
  isAsking = true;
  const active = isActive;
  isActive = false;
  try { await hear(await queue.send(form.dataset.beat, { active })); } catch (error) { isActive = isActive || active; }
  isAsking = false;
}

async function hear(response) {
  if (response.type === "opaqueredirect") { showSignedOut(); return; }
  const isJson = (response.headers.get("Content-Type") || "").startsWith("application/json");
  const body = isJson ? await response.json() : null;
  if (body && response.ok) takeReply(body);
  // Submitted or approved meanwhile: said at once, not when the next figure has been typed in vain.
  if (body && response.status === 409) { clearInterval(timer); await queue.idle(); showClosed(body.message); }
}
