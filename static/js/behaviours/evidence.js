/* Pointing at a statement lights the evidence that it rests on, and the other way round. */
export default function evidence(panel) {
  panel.addEventListener("pointerover", (event) => light(event.target));
  panel.addEventListener("pointerout", dim);
  panel.addEventListener("focusin", (event) => light(event.target, true));
  panel.addEventListener("focusout", dim);
  for (const card of document.querySelectorAll("[data-evidence-card]")) {
    card.addEventListener("pointerenter", () => {
      for (const statement of panel.querySelectorAll(`[data-evidence="${CSS.escape(card.dataset.evidenceCard)}"]`)) {
        statement.classList.add("is-lit");
      }
    });
    card.addEventListener("pointerleave", dim);
  }
}

function light(target, reveal = false) {
  const reference = target.closest?.("[data-evidence]")?.dataset.evidence;
  if (!reference) return;
  const card = document.querySelector(`[data-evidence-card="${CSS.escape(reference)}"]`);
  if (!card) return;
  card.classList.add("is-lit");
  card.querySelector("details")?.setAttribute("open", "");
  for (let fold = card.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  card.scrollIntoView({ block: "nearest", behavior: reveal ? "auto" : "smooth" });
}

function dim() {
  for (const lit of document.querySelectorAll(".is-lit")) lit.classList.remove("is-lit");
}
