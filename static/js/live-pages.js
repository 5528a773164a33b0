// The printed pages beside the text: asked for when they are looked at and after every change, printed by a worker, shown one at
// a time. Until a new page is there the old one stays, in grey. Without this script the layout alone is shown.

import { clock } from "./clock.js";
import { hush, post, tell } from "./sending.js";

const side = document.querySelector("[data-pages]");
const leaf = side.querySelector("[data-leaf]");
const words = leaf.dataset;
const picture = leaf.querySelector("img");
const mark = leaf.querySelector(".pv-at");
const full = leaf.querySelector("[data-full]");
const told = leaf.querySelector("[data-told]");
const scroll = leaf.querySelector(".pv-scroll");
const HABIT = "report-preview", AFTER = 150, MOST_TRIES = 3, MOST_MISSED = 8;
const ENDED = ["failed", "cancelled", "lost"];

let printed = null; // the pages that can be shown: count, places, picture, madeAt
let number = 1;
let at = ""; // the place of the block in focus, "" when somebody has turned the pages since
let turn = 0; // the newest question; answers to older ones are dropped
let turning = 0; // the newest page that was turned to
let isWaiting = false; // whether newer pages are on their way
let tries = 0;
let missed = 0;
let timer = 0;

const isLooking = () => !leaf.hidden && leaf.offsetParent !== null;
const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

// Asking

function askSoon() {
  if (!isLooking()) return;
  isWaiting = true;
  fade(true);
  clearTimeout(timer);
  timer = setTimeout(ask, AFTER);
}

async function ask() {
  const mine = ++turn;
  isWaiting = true;
  fade(true);
  say(words.updating);
  const form = document.getElementById(side.dataset.form);
  const { response, ...fault } = await post(side.dataset.pages, form ? new FormData(form) : new FormData());
  if (mine !== turn) return;
  if (!response) { stop(fault); return; }
  await follow(await response.json(), mine);
}

async function follow(answer, mine) {
  const began = Date.now();
  while (mine === turn && answer && answer.state !== "done") {
    if (ENDED.includes(answer.state)) { again(answer); return; }
    say(answer.text);
    await wait(pause(Date.now() - began));
    if (mine === turn) answer = await standing(answer);
  }
  if (mine === turn) await show(answer);
}

function pause(waited) {
  if (document.hidden) return 5000;
  return waited < 4000 ? 250 : waited < 20000 ? 1000 : 3000;
}

async function standing(answer) {
  try {
    const reply = await fetch(answer.status, { headers: { Accept: "application/json" }, redirect: "error" });
    missed = 0;
    return reply.ok ? await reply.json() : { ...answer, state: reply.status === 404 ? "lost" : answer.state };
  } catch (error) {
    missed += 1; // the network is away, or the person signed out
    return missed < MOST_MISSED ? answer : { ...answer, state: "failed", text: "" };
  }
}

// Cancelled by another window of the same person, or gone from the store: the next question gets what is there by then.
function again(answer) {
  tries += 1;
  if (answer.state === "failed" || tries > MOST_TRIES) stop({ message: answer.text });
  else ask();
}

function stop({ fault, message }) {
  isWaiting = false;
  fade(false);
  say("");
  if (printed) message = `${message || ""} ${words.stopped}`.trim();
  tell(leaf, message || !fault ? { fault: "refused", message: message || words.stopped } : { fault });
}

// Showing

async function show(answer) {
  printed = { ...answer, madeAt: clock() };
  isWaiting = false;
  notes(answer.notes || []);
  await turnTo(at in printed.places ? printed.places[at][0] : number);
}

async function turnTo(wanted) {
  const source = printed, mine = ++turning;
  const page = Math.min(Math.max(wanted, 1), source.count);
  const next = new Image();
  next.src = `${source.picture}${page}.png`;
  fade(true);
  try {
    await next.decode();
  } catch (error) {
    if (mine === turning) again({ state: "lost" });
    return;
  }
  if (mine !== turning) return;
  tries = 0;
  number = page;
  picture.src = next.src;
  picture.alt = pageWords();
  picture.hidden = false;
  full.href = next.src;
  full.hidden = false;
  hush(leaf);
  fade(isWaiting);
  if (!isWaiting) say(words.made.replace("{at}", source.madeAt));
  leaf.querySelector("[data-count]").textContent = pageWords();
  for (const button of leaf.querySelectorAll("[data-turn]")) {
    const to = number + Number(button.dataset.turn);
    button.setAttribute("aria-disabled", to < 1 || to > printed.count);
  }
  point();
}

const pageWords = () => words.number.replace("{n}", number).replace("{count}", printed.count);

function point() {
  const place = printed.places[at];
  mark.hidden = !place || place[0] !== number;
  if (mark.hidden) return;
  mark.style.top = `${place[1] * 100}%`;
  scroll.scrollTop = picture.offsetTop + place[1] * picture.offsetHeight - scroll.clientHeight / 3;
}

function notes(lines) {
  const list = leaf.querySelector("[data-notes]");
  list.replaceChildren(...lines.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
  list.hidden = !lines.length;
}

function fade(isOld) { leaf.classList.toggle("pv-old", isOld); }
function say(text) { if (told.textContent !== text) told.textContent = text; }

// Layout or pages

function choose(kind) {
  for (const button of side.querySelectorAll("[data-show]")) button.setAttribute("aria-pressed", button.dataset.show === kind);
  side.querySelector("#part-sheet").hidden = kind === "pages";
  const of = side.querySelector("[data-of-sheet]");
  if (of) of.hidden = kind === "pages";
  leaf.hidden = kind !== "pages";
  if (isLooking()) ask();
  else { turn += 1; isWaiting = false; }
}

function keepHabit(kind) {
  try { localStorage.setItem(HABIT, kind); } catch (error) { /* the habit of one visit */ }
}

function habit() {
  try { return localStorage.getItem(HABIT); } catch (error) { return ""; }
}

side.addEventListener("click", (event) => {
  const shown = event.target.closest("[data-show]");
  const turned = event.target.closest("[data-turn]");
  if (shown) { keepHabit(shown.dataset.show); choose(shown.dataset.show); }
  if (!turned || !printed || turned.getAttribute("aria-disabled") === "true") return;
  at = "";
  turnTo(number + Number(turned.dataset.turn));
});

document.addEventListener("report:at", (event) => {
  if (event.detail === at) return;
  at = event.detail;
  if (!printed || !isLooking()) return;
  const place = printed.places[at];
  if (place && place[0] !== number) turnTo(place[0]);
  else point();
});

document.addEventListener("report:changed", () => {
  side.querySelector("#part-sheet").hidden = !leaf.hidden;
  askSoon();
});
window.addEventListener("online", askSoon);
// On a phone turned, or a window drawn wider, the side comes into sight.
window.addEventListener("resize", () => { if (!printed && !isWaiting) askSoon(); });

side.querySelector("[data-switch]").hidden = false;
const unswitched = side.querySelector("[data-unswitched]");
if (unswitched) unswitched.hidden = true;
if (habit() === "pages") choose("pages");
