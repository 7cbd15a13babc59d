/* A menu of deeds: opening it puts the focus on the first, arrows walk. */
const STOPS = "button, a, input:not([type=hidden]), select";

export default function inboxMenu(details) {
  details.addEventListener("toggle", () => {
    if (!details.open) return;
    for (const other of document.querySelectorAll("details.menu[open]")) if (other !== details) other.open = false;
    details.querySelector(".menu-list")?.querySelector(STOPS)?.focus();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    if (event.target.matches("input, select")) return;
    const stops = [...details.querySelectorAll(`.menu-list :is(${STOPS})`)];
    const at = stops.indexOf(document.activeElement);
    stops[(at + (event.key === "ArrowDown" ? 1 : -1) + stops.length) % stops.length]?.focus();
    event.preventDefault();
  });
}
