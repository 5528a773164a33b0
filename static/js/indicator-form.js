// Shows of the indicator's form what goes with the chosen source, aggregation and ledger. Without script everything is shown.
const form = document.querySelector("[data-indicator-form]");
const chosen = {
  source: form.elements.source, aggregation: form.elements.aggregation, ledger: form.elements.ledger_kind,
};

const usual = form.elements.usual_checks;

function fits(part) {
  return Object.entries(chosen).every(([name, field]) => {
    const wanted = part.getAttribute(`data-when-${name}`);
    return wanted === null || wanted.split(" ").includes(field.value);
  });
}

function show() {
  for (const part of form.querySelectorAll("[data-when-source],[data-when-ledger],[data-when-aggregation]")) {
    part.hidden = !fits(part) && !part.querySelector(".is-invalid");
  }
  for (const part of form.querySelectorAll("[data-when-usual]")) part.hidden = usual.checked && !part.querySelector(".is-invalid");
}

form.addEventListener("change", show);
show();
