/* Marks the open draft in the queue, keeps the scroll position over a refresh, and announces new ones. */
let scrolled = 0;
let known = null;

export default function queue(section) {
  const list = section.querySelector(".queue-list");
  const rows = [...section.querySelectorAll(".queue-row")];
  const ids = new Set(rows.map((row) => row.dataset.draft));
  if (list) {
    list.scrollTop = scrolled;
    list.addEventListener("scroll", () => (scrolled = list.scrollTop), { passive: true });
  }
  if (known && [...ids].some((id) => !known.has(id))) {
    document.getElementById("announcer").textContent =
      `${section.querySelector("#queue-title").textContent}: ${ids.size}`;
  }
  known = ids;
  mark(section);
}

export function mark(section = document.getElementById("queue")) {
  const open = document.querySelector(".workspace")?.dataset.draft ?? "";
  for (const row of section.querySelectorAll(".queue-row")) {
    const selected = row.dataset.draft === open;
    row.classList.toggle("is-selected", selected);
    selected ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current");
  }
}
