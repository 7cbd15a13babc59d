/* Rows that are ticked for a bulk action: how many, all at once, X for the row with the focus, and the buttons only where
   there is a choice. */
export default function selection(form) {
  const bar = form.querySelector("[data-selection-bar]");
  const count = form.querySelector("[data-selection-count]");
  const all = form.querySelector("[data-selection-all]");
  const boxes = () => [...form.querySelectorAll("tbody input[type=checkbox]")];

  function show() {
    const every = boxes();
    const chosen = every.filter((box) => box.checked).length;
    bar.classList.toggle("has-choice", chosen > 0);
    count.textContent = chosen ? count.dataset.textSome.replace("#", chosen) : count.dataset.textNone;
    if (!all) return;
    all.checked = chosen > 0 && chosen === every.length;
    all.indeterminate = chosen > 0 && chosen < every.length;
  }

  all?.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    show();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!event.target.matches("[data-row]")) return;
    event.target.closest("tr").querySelector("input[type=checkbox]").click();
    event.preventDefault();
  });
  form.addEventListener("change", show);
  window.addEventListener("pageshow", show);
  show();
}
