/* A <details> that is folded on a narrow screen and always open on a wide one. */
const wide = matchMedia("(width > 900px)");

export default function fold(details) {
  const set = () => (details.open = wide.matches);
  set();
  wide.addEventListener("change", set);
}
