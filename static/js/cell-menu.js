// The small menu of a cell: 0, not applicable, not collected, blank are four things that are not the same.
export class CellMenu {
  constructor({ words, onPut }) {
    this.onPut = onPut;
    this.choices = [["0", "0"], ["不适用", words.na], ["未统计", words.nc], ["", words.blank]];
    this.list = null;
    this.button = Object.assign(document.createElement("button"), { type: "button", className: "menu-btn", tabIndex: -1, textContent: "▾" });
    this.button.setAttribute("aria-label", words.menu);
    document.addEventListener("click", event => { if (this.list && !event.target.closest(".menu, .menu-btn")) this.close(); });
    this.button.addEventListener("click", () => this.toggle(this.button.parentElement.querySelector("input")));
  }

  // The one button moves along with the focus.
  attach(input) { if (this.button.parentElement !== input.parentElement) input.after(this.button); }

  toggle(input) { if (this.list) this.close(); else this.open(input); }

  open(input) {
    this.close();
    this.list = Object.assign(document.createElement("div"), { className: "menu" });
    this.list.setAttribute("role", "menu");
    for (const [value, label] of this.choices) this.list.append(this.item(input, value, label));
    this.list.addEventListener("keydown", event => this.key(event, input));
    input.parentElement.append(this.list);
    this.list.firstChild.focus();
  }

  item(input, value, label) {
    const item = Object.assign(document.createElement("button"), { type: "button", textContent: label, tabIndex: -1 });
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", () => { this.close(); this.onPut(input, value); });
    return item;
  }

  key(event, input) {
    const items = [...this.list.children];
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const leaves = event.key === "Escape" || event.key === "Tab";
    if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
    if (leaves) { this.close(); input.focus(); }
    if (step || leaves) { event.preventDefault(); event.stopPropagation(); }
  }

  close() {
    if (this.list) this.list.remove();
    this.list = null;
  }
}
