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

// Green or amber, as a reply tells: row -> whether it is behind the calendar.
export function showPace(late) {
  for (const [row, isLate] of Object.entries(late)) {
    const pace = document.querySelector(`output[data-out="pace:${CSS.escape(row)}"]`);
    if (!pace) continue;
    pace.classList.toggle("late", isLate);
    pace.closest("td").querySelector(".fg").classList.toggle("g", !isLate);
  }
}
