// Files beside a figure or an entry: several chosen at once, dropped, pasted, photographed. Pictures are made smaller here; files
// go one by one, each with its progress. What failed stays on the list with its reason until it is sent again or taken off.
import { csrfToken, freshToken, hush, signInLink, tell } from "./sending.js";

const LONGEST = 1600;
const LONG_SHAPE = 2.2; // a long screenshot would be unreadable at 1600 px of height: it goes as it is
const SMALL_SCREENSHOT = 2 << 20;
const items = [];
let words = {};
let isSending = false;

const boxAt = address => document.querySelector(`[data-address="${CSS.escape(address)}"]`);
const megabytes = size => `${size >= 10 << 20 ? Math.round(size / (1 << 20)) : Math.max(size / (1 << 20), 0.1).toFixed(1)} MB`;

function node(tag, properties, ...children) {
  const el = Object.assign(document.createElement(tag), properties);
  el.append(...children);
  return el;
}

// --- the box ----------------------------------------------------------------------------------------------------------

// The inspector is filled anew for every cell, so a box is made ready whenever one appears.
function dress() {
  for (const box of document.querySelectorAll("[data-evidence]:not([data-ready])")) {
    box.dataset.ready = "1";
    words = box.querySelector("[data-words]").dataset;
    const plain = box.querySelector("[data-plain]");
    if (plain) plain.hidden = true;
    const camera = box.querySelector(".ev-camera");
    if (camera) camera.hidden = !window.matchMedia("(pointer:coarse)").matches;
    if (box.dataset.address) draw(box.dataset.address);
  }
}

function draw(address) {
  const box = boxAt(address);
  if (!box) return;
  box.querySelector("[data-queue]").replaceChildren(...items.filter(item => item.address === address).map(line));
}

function line(item) {
  const li = node("li", { className: item.state }, node("span", { className: "ev-name", textContent: item.name }));
  if (item.state === "failed") {
    const retry = node("button", { type: "button", className: "btn2 sm", textContent: words.retry });
    const drop = node("button", { type: "button", className: "btn2 sm", textContent: words.drop });
    retry.addEventListener("click", () => { item.state = "waiting"; draw(item.address); pump(); });
    drop.addEventListener("click", () => { forget(item); draw(item.address); });
    const why = node("span", { className: "ev-why", textContent: item.message + " " });
    if (item.fault === "login") why.append(signInLink());
    li.append(why, node("span", { className: "ev-act" }, retry, drop));
  } else {
    li.append(node("progress", { max: 1, value: item.share, ariaLabel: item.name }), node("span", { className: "small muted", textContent: words[item.state] }));
  }
  item.line = li;
  return li;
}

function say(box, text) {
  const place = box && box.querySelector("[data-say]");
  if (place) place.textContent = text;
}

function forget(item) { items.splice(items.indexOf(item), 1); }

// --- taking files in --------------------------------------------------------------------------------------------------

function take(box, files) {
  for (const file of files) items.push({ address: box.dataset.address, most: Number(box.dataset.most), file, name: file.name, state: "waiting", share: 0, message: "" });
  say(box, "");
  draw(box.dataset.address);
  pump();
}

document.addEventListener("change", event => {
  const box = event.target.closest("[data-address]");
  if (!box || event.target.type !== "file" || !event.target.files.length) return;
  take(box, [...event.target.files]);
  event.target.value = "";
});

const hasFiles = event => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
const dropBox = event => event.target.closest("[data-address]") || document.querySelector("#inspector [data-address]") || document.querySelector("[data-address]");

// Dropped beside the box, a file would open in place of the page and what was typed with it.
document.addEventListener("dragover", event => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  const box = dropBox(event);
  if (box) box.classList.add("over");
});
document.addEventListener("dragleave", event => { if (!event.relatedTarget) lift(); });
document.addEventListener("drop", event => {
  if (!hasFiles(event)) return;
  event.preventDefault();
  lift();
  const box = dropBox(event);
  if (box) take(box, [...event.dataTransfer.files]);
});
function lift() { for (const box of document.querySelectorAll("[data-evidence].over")) box.classList.remove("over"); }

// A spreadsheet puts a picture of the copied cells beside their text: with text it is figures that are pasted.
document.addEventListener("paste", async event => {
  const data = event.clipboardData;
  if (!data || !data.files.length || [...data.types].includes("text/plain")) return;
  const box = event.target.closest("[data-address]") || document.querySelector("[data-address]");
  if (!box) return;
  event.preventDefault();
  const files = [...data.files].map(named);
  const cell = event.target.closest("td.cell") ? event.target.id.slice(2) : "";
  const wanted = cell && cell !== box.dataset.evidence ? await boxOfCell(cell) : box;
  if (wanted) take(wanted, files); else say(box, words.other);
});

// The inspector follows the cell after a moment: wait for it, so that a picture never goes to the figure before.
async function boxOfCell(cell) {
  for (let tries = 0; tries < 15; tries++) {
    const box = document.querySelector(`[data-evidence="${CSS.escape(cell)}"][data-address]`);
    if (box) return box;
    await new Promise(resolve => setTimeout(resolve, 150));
  }
  return null;
}

function named(file) {
  if (!/^image\.\w+$/.test(file.name)) return file;
  const time = new Date();
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map(part => String(part).padStart(2, "0")).join("");
  return new File([file], `${words.screenshot}${clock}.${file.name.split(".").pop()}`, { type: file.type });
}

// --- making smaller and sending -----------------------------------------------------------------------------------------

async function pump() {
  if (isSending) return;
  isSending = true;
  for (let item = next(); item; item = next()) await work(item);
  isSending = false;
}
const next = () => items.find(item => item.state === "waiting");

async function work(item) {
  if (!item.body) { move(item, "reducing"); item.body = await reduced(item.file); }
  const size = item.body.size;
  if (!size) return fail(item, words.empty);
  if (size > item.most) return fail(item, words.large.replace("{size}", megabytes(size)).replace("{most}", megabytes(item.most)));
  move(item, "sending");
  const form = new FormData();
  form.append("files", item.body, item.body.name);
  const reply = await send(item.address, form, share => progress(item, share));
  if (!reply.body) return fail(item, reply.message, reply.isOffline, reply.fault);
  const outcome = (reply.body.outcomes || [])[0] || { status: "refused", message: reply.body.message };
  if (outcome.status === "refused") fail(item, outcome.message);
  else { forget(item); draw(item.address); say(boxAt(item.address), `${item.name}：${outcome.message}`); }
  return show(item.address, reply.body);
}

function move(item, state) { item.state = state; draw(item.address); }

function fail(item, message, isOffline = false, fault = "") {
  Object.assign(item, { state: "failed", message, isOffline, fault, share: 0 });
  draw(item.address);
}

function progress(item, share) {
  item.share = share;
  if (share >= 1 && item.state === "sending") move(item, "checking");
  const bar = item.line && item.line.querySelector("progress");
  if (bar) bar.value = share;
}

// Returns the picture with its longer side at most 1600 px, upright; the file itself when that is not possible or no gain.
async function reduced(file) {
  if (!file.type.startsWith("image/") || !window.createImageBitmap) return file;
  try {
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const { width, height } = picture;
    const isLong = Math.max(width, height) / Math.min(width, height) > LONG_SHAPE;
    const isScreenshot = file.type === "image/png" && file.size <= SMALL_SCREENSHOT;
    if ((isLong || isScreenshot) && file.size <= SMALL_SCREENSHOT) return file;
    const scale = isLong ? 1 : Math.min(1, LONGEST / Math.max(width, height));
    const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(width * scale), height: Math.round(height * scale) });
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    picture.close();
    const blob = await new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.85));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch (error) { return file; }
}

// Resolves with {body} for an answer of ours, else with the reason in words. A token that grew old is renewed once.
function send(address, form, onShare, isSecond = false) {
  return new Promise(resolve => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.setRequestHeader("X-Requested-With", "fetch");
    request.upload.addEventListener("progress", event => { if (event.lengthComputable) onShare(event.loaded / event.total); });
    request.addEventListener("error", () => resolve({ message: words.offline, isOffline: true, fault: "offline" }));
    request.addEventListener("load", async () => {
      const body = parsed(request);
      if (body) return resolve({ body });
      if (!request.responseURL.endsWith(address)) return resolve({ message: words.login, fault: "login" });
      const found = request.status === 403 && !isSecond ? await freshToken() : "";
      if (found === "token") { form.set("csrfmiddlewaretoken", csrfToken()); return resolve(send(address, form, onShare, true)); }
      return resolve(found ? { message: words.login, fault: "login" } : { message: words.failed, fault: "failed" });
    });
    request.send(form);
  });
}

function parsed(request) {
  if (!(request.getResponseHeader("Content-Type") || "").startsWith("application/json")) return null;
  try { return JSON.parse(request.responseText); } catch (error) { return null; }
}

window.addEventListener("online", () => {
  for (const item of items) if (item.isOffline) item.state = "waiting";
  pump();
});
window.addEventListener("beforeunload", event => { if (items.some(item => item.state !== "failed")) event.preventDefault(); });

// --- what the server shows now --------------------------------------------------------------------------------------------

function show(address, body) {
  const box = boxAt(address);
  if (box && body.html !== undefined) {
    box.querySelector("[data-list]").innerHTML = body.html;
    const form = box.querySelector(".ev-add");
    if (form) form.hidden = !body.free;
  }
  const cell = decodeURIComponent(address.split("/").slice(-2)[0]);
  // Where evidence is asked for, what is said under the row changes too: the grid takes that part.
  if (body.grid) document.dispatchEvent(new CustomEvent("twr:reply", { detail: body.grid }));
  if (body.mark === undefined) return;
  const own = document.getElementById("c-" + cell); // in the village sheet the mark stands in the cell
  const place = cell.includes("@") ? own && own.closest("table.villages td") : document.querySelector(`tr[data-row="${CSS.escape(cell)}"] td.x`);
  if (!place) return;
  for (const old of place.querySelectorAll(".ev")) old.remove();
  place.insertAdjacentHTML("beforeend", body.mark);
}

// Forms of the box: use a file again, describe one, take one away.
document.addEventListener("submit", async event => {
  const form = event.target;
  const box = form.closest("[data-address]");
  if (!box || event.defaultPrevented) return;
  event.preventDefault();
  if (form.matches(".ev-add")) return;
  const data = new FormData(form);
  if (event.submitter && event.submitter.name) data.append(event.submitter.name, event.submitter.value);
  const reply = await send(form.action.replace(location.origin, ""), data, () => {});
  if (!reply.body) { tell(form, reply); return; }
  hush(form);
  const outcomes = reply.body.outcomes || [{ message: reply.body.message }];
  say(box, outcomes.map(row => row.name ? `${row.name}：${row.message}` : row.message).join(" "));
  show(box.dataset.address, reply.body);
  if (!form.isConnected) return;
  for (const choice of form.querySelectorAll("input:checked")) { choice.checked = false; choice.closest("li").hidden = true; }
});

// --- looking at a picture ---------------------------------------------------------------------------------------------------

document.addEventListener("click", event => {
  const link = event.target.closest("[data-view]");
  if (!link || event.ctrlKey || event.metaKey || !window.HTMLDialogElement) return;
  event.preventDefault();
  const name = link.querySelector(".ev-name").textContent;
  const close = node("button", { type: "button", className: "btn2", textContent: words.close });
  const whole = node("a", { href: link.href, target: "_blank", rel: "noopener", textContent: words.whole });
  const view = node("dialog", { className: "ev-view" }, node("div", {}, node("b", { textContent: name }), whole, close), node("img", { src: link.href, alt: name }));
  view.setAttribute("aria-label", name);
  close.addEventListener("click", () => view.close());
  view.addEventListener("click", click => { if (click.target === view) view.close(); });
  view.addEventListener("close", () => { view.remove(); link.focus(); });
  document.body.append(view);
  view.showModal();
});

document.documentElement.classList.add("js");
dress();
const inspector = document.getElementById("inspector");
if (inspector) new MutationObserver(dress).observe(inspector, { childList: true });
