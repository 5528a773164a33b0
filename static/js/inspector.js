// The inspector beside the grid: fetched from the server, one cell at a time; its comment forms answer in place.
import { forget, restoreDrafts } from "./drafts.js";
import { button, nameOf, node, words } from "./grid-sheet.js";
import { isTooLong } from "./limits.js";
import { hush, post, signInLink, tell } from "./sending.js";

const REST = 220;

export class Inspector {
  constructor({ box, pattern, onExplain, onPut, onComment }) {
    Object.assign(this, { box, pattern, onExplain, onPut, onComment });
    this.cell = this.shown = this.named(); // the cell that is wanted, and the one that the contents are of
    this.drafts = new Map(); // what is being written about cells that are not shown just now: "cell id" -> words
    this.timer = 0;
    this.stop = null;
    box.addEventListener("click", event => this.click(event));
    box.addEventListener("submit", event => this.submit(event));
    box.addEventListener("focusout", event => this.leave(event));
  }

  // The cell that the contents name: "" for none.
  named() {
    const head = this.box.querySelector("[data-figure]");
    return head ? head.dataset.figure : "";
  }

  // Wait until the person rests on a cell: running through the grid by keyboard asks for nothing.
  rest(cell) {
    clearTimeout(this.timer);
    if (window.matchMedia("(max-width:1180px)").matches || (cell === this.cell && cell === this.shown)) return;
    this.timer = setTimeout(() => this.show(cell), REST);
  }

  open(cell) {
    clearTimeout(this.timer);
    this.opener = document.activeElement;
    return this.show(cell).then(() => { this.box.classList.add("open"); this.box.focus({ preventScroll: true }); });
  }

  // Open the cell and go to where one writes about it: the explanation it asks for, an answer, or a new comment.
  async comment(cell) {
    await this.open(cell);
    const places = ["#explanation", ".talk:not(.done) textarea", "#comment-text"].map(path => this.box.querySelector(path));
    const place = places.find(Boolean);
    const folded = place && place.closest("details");
    if (folded) folded.open = true;
    if (place) place.focus();
  }

  refresh(cells) { if (this.cell && cells.includes(this.cell)) this.show(this.cell); }

  // Words that were not handed over yet: of the cell on show they keep its contents in place, of others they wait here.
  unsent() { return [...this.box.querySelectorAll("textarea")].filter(text => text.value !== text.defaultValue); }

  render(cell, html) {
    const isWriting = this.box.contains(document.activeElement) && document.activeElement.matches("textarea");
    if (cell === this.shown && (isWriting || this.unsent().length)) return;
    this.keep();
    this.fill(cell, html);
    for (const text of this.box.querySelectorAll("textarea")) this.restore(text);
  }

  keep() { for (const text of this.unsent()) this.drafts.set(`${this.shown} ${text.id}`, text.value); }

  restore(text) {
    const words = this.drafts.get(`${this.shown} ${text.id}`);
    if (words === undefined) return;
    this.drafts.delete(`${this.shown} ${text.id}`);
    text.value = words;
    const folded = text.closest("details");
    if (folded) folded.open = true;
  }

  fill(cell, html) {
    this.shown = cell;
    this.box.innerHTML = html;
    this.wait(cell !== this.cell);
    restoreDrafts(this.box, `cell:${cell}:`);
  }

  async show(cell) {
    if (this.stop) this.stop.abort();
    this.stop = new AbortController();
    const { signal } = this.stop;
    this.cell = cell;
    this.wait(cell !== this.shown);
    let isSignedOut = false;
    try {
      const url = this.pattern.replace("CELL", encodeURIComponent(cell));
      const response = await fetch(url, { credentials: "same-origin", redirect: "manual", signal });
      if (response.ok) { this.render(cell, await response.text()); return; }
      isSignedOut = response.type === "opaqueredirect";
    } catch (error) { /* away, or overtaken */ }
    if (!signal.aborted && cell !== this.shown) this.fail(cell, isSignedOut);
  }

  // While the contents are of another cell than the one asked for, they are grey and their buttons do nothing.
  wait(isWaiting) { this.box.setAttribute("aria-busy", String(isWaiting)); }

  get isWaiting() { return this.box.getAttribute("aria-busy") === "true"; }

  // Another figure's contents must not stand for this one's: say whose are missing, and offer to ask again.
  fail(cell, isSignedOut) {
    this.keep();
    this.shown = "";
    const close = node("a", { href: "?", className: "btn2 sm close", textContent: "×" });
    close.dataset.close = "";
    close.setAttribute("aria-label", words.close);
    const told = node("p", { textContent: isSignedOut ? words.login : words.panelFailed });
    told.setAttribute("role", "alert");
    const again = button(words.retry, () => this.show(cell));
    const head = node("div", { className: "hd" }, node("h2", { textContent: nameOf(cell) }), node("span", { className: "sp" }), close);
    this.box.replaceChildren(head, node("section", {}, told, again, ...(isSignedOut ? [" ", signInLink()] : [])));
    this.wait(false);
  }

  click(event) {
    const close = event.target.closest("[data-close]");
    const put = event.target.closest("[data-put]");
    const phrase = event.target.closest("[data-phrase]");
    if (close) {
      event.preventDefault();
      this.box.classList.remove("open");
      if (this.opener && this.opener.isConnected) this.opener.focus();
    } else if (this.isWaiting) event.preventDefault();
    else if (put) this.onPut(this.named(), put.dataset.put);
    else if (phrase) this.addPhrase(phrase.dataset.phrase);
  }

  // A ready phrase is a beginning: the person goes on writing behind it.
  addPhrase(words) {
    const text = this.box.querySelector("#explanation");
    text.value = [text.value.trim(), words].filter(Boolean).join("；");
    text.focus();
  }

  submit(event) {
    const form = event.target;
    if (form.dataset.explain) { event.preventDefault(); this.explain(form); }
    if ("comment" in form.dataset) { event.preventDefault(); this.sendComment(form); }
  }

  leave(event) {
    const form = event.target.form;
    if (event.target.name === "explanation" && form && event.target.value !== event.target.defaultValue) this.explain(form);
  }

  explain(form) {
    const text = form.elements.explanation;
    if (isTooLong(text)) return;
    text.defaultValue = text.value;
    forget(form); // from here on the queue keeps it
    this.onExplain(form.dataset.explain, text.value);
  }

  async sendComment(form) {
    const button = form.querySelector("button"), cell = this.shown, text = form.elements.text;
    button.disabled = true;
    hush(form);
    const { response, ...fault } = await post(form.action, new FormData(form));
    button.disabled = false;
    if (!response) { tell(form, fault); return; }
    const html = await response.text();
    if (response.ok) {
      forget(form);
      if (text) this.drafts.delete(`${cell} ${text.id}`);
    }
    if (cell === this.shown) this.fill(cell, html);
    if (response.ok) this.onComment(cell);
  }
}
