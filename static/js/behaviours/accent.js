/* Paints a mark in the storefront's own colour, which only the server knows. */
export default function accent(mark) {
  mark.style.setProperty("--mark", mark.dataset.accent);
}
