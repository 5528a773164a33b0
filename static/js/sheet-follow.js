// The sheet beside the text turns to the block that is being worked on, and stays there when it is drawn anew. It tells the page
// (`report:at`) which block that is, and (`report:changed`) that the sheet has been drawn anew.

const side = document.querySelector("[data-pages]");
let shown = "";

function follow(id) {
  const pane = side.querySelector("#part-sheet.rp-scroll, #part-sheet .rp-scroll");
  const line = pane && [...pane.querySelectorAll("[data-of]")].find((row) => row.dataset.of === id);
  if (!line) return;
  shown = id;
  for (const row of pane.querySelectorAll(".rp-here")) row.classList.remove("rp-here");
  line.classList.add("rp-here");
  pane.scrollTop += line.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 3;
}

for (const name of ["focusin", "click"]) {
  document.addEventListener(name, (event) => {
    const block = event.target.closest && event.target.closest(".doc [data-block]");
    if (!block) return;
    document.dispatchEvent(new CustomEvent("report:at", { detail: block.dataset.place || block.id }));
    if (block.id !== shown) follow(block.id);
  });
}
new MutationObserver((changes) => {
  if (!changes.some((change) => [...change.addedNodes].some((row) => row.id === "part-sheet"))) return;
  if (shown) follow(shown);
  document.dispatchEvent(new CustomEvent("report:changed"));
}).observe(side, { childList: true });
