/* "120 / 300" beside a field whose data-limit says how much fits; nothing is cut off while typing. */
export default function characterCount(root) {
  const field = root.querySelector("[data-limit]");
  const counter = root.querySelector("[data-counter]");
  if (!field || !counter) return;
  const limit = Number(field.dataset.limit);
  const show = () => {
    const length = [...field.value.trim()].length;
    counter.textContent = `${length} / ${limit}`;
    counter.classList.toggle("is-over", length > limit);
  };
  field.addEventListener("input", show);
  show();
}
