// Waits for a job: asks every second, ever more slowly when it takes long, not at all in a hidden tab; reloads at its end.

const panel = document.querySelector("[data-job]");
const words = document.getElementById("job-words");
const bar = panel.querySelector("progress");
const badge = document.querySelector("[data-job-state]");
const started = Date.now();
let timer = 0;
let misses = 0;

function pause() {
  if (misses) return Math.min(1000 * 2 ** misses, 15000);
  const waited = Date.now() - started;
  return waited < 20000 ? 1000 : waited < 120000 ? 2500 : 6000;
}

function next() {
  clearTimeout(timer);
  if (!document.hidden) timer = setTimeout(ask, pause());
}

async function ask() {
  try {
    const reply = await fetch(panel.dataset.job, { headers: { Accept: "application/json" }, redirect: "error" });
    if (!reply.ok) throw new Error(reply.status);
    show(await reply.json());
  } catch (error) {
    misses += 1;
    words.textContent = panel.dataset.lost;
    next();
  }
}

function show(job) {
  misses = 0;
  if (!job.is_open) {
    window.location.reload();
    return;
  }
  if (words.textContent !== job.text) words.textContent = job.text;
  badge.textContent = job.label;
  if (job.state === "running") bar.value = job.percent;
  next();
}

document.addEventListener("visibilitychange", next);
next();
