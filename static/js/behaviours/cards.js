/* Cards of a reply: what is ticked among the found moves up to the chosen, and what is chosen is not found twice. */
export default function cards(picker) {
  const chosen = picker.querySelector("[data-cards-chosen]");
  const results = picker.querySelector("[data-cards-results]");

  results.addEventListener("change", (event) => {
    const item = event.target.closest("li");
    if (!event.target.checked || !item) return;
    event.target.removeAttribute("form");
    chosen.append(item);
    event.target.focus();
  });
  results.addEventListener("htmx:afterSwap", () => {
    const values = new Set([...chosen.querySelectorAll("[name=cards]")].map((box) => box.value));
    for (const box of results.querySelectorAll("[name=cards]")) if (values.has(box.value)) box.closest("li").remove();
  });
}
