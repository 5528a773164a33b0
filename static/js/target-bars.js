// The bar beside a target follows its number: saving a cell writes the number anew, not the bar.
const WIDTH = 56;

function redraw(output) {
  const cell = output.closest("td"), filled = cell.querySelector(".fg");
  const share = parseInt(output.textContent, 10) || 0;
  filled.setAttribute("width", Math.min(WIDTH, Math.floor(share * WIDTH / 100)));
}

const watcher = new MutationObserver(changes => {
  for (const change of changes) {
    const output = (change.target.nodeType === 1 ? change.target : change.target.parentElement).closest("output");
    if (output && output.dataset.out.startsWith("target:")) redraw(output);
  }
});
for (const output of document.querySelectorAll('output[data-out^="target:"]')) {
  watcher.observe(output, { childList: true, characterData: true, subtree: true });
}
