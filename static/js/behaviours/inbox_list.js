/* The list of the inbox: ticks outlive a refresh, and while something is ticked or a menu is open it holds still. */
const ticked = new Set();

export default function inboxList(section) {
  const boxes = [...section.querySelectorAll("input[name=ids]")];
  const count = section.querySelector("[data-selected-count]");
  const shown = new Set(boxes.map((box) => box.value));
  for (const id of ticked) if (!shown.has(id)) ticked.delete(id);
  for (const box of boxes) box.checked = ticked.has(box.value);

  function tell() {
    if (count) count.textContent = String(ticked.size);
  }

  section.addEventListener("change", (event) => {
    const box = event.target;
    if (box.name !== "ids") return;
    box.checked ? ticked.add(box.value) : ticked.delete(box.value);
    tell();
  });
  section.querySelector("[data-select-none]")?.addEventListener("click", () => {
    ticked.clear();
    for (const box of boxes) box.checked = false;
    tell();
    boxes[0]?.focus();
  });
  section.addEventListener("submit", () => ticked.clear());
  section.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === section && (ticked.size || section.querySelector("details[open]"))) event.preventDefault();
  });
  tell();
}
