// The menu behind the three dots: opened by its button, left by Escape, by a click elsewhere or by a choice.

const button = document.getElementById("menu-button");
const menu = document.getElementById("menu");

export function isOpen() {
  return !menu.hidden;
}

function entries() {
  return [...menu.querySelectorAll("button:not([hidden])")];
}

export function close({ focus = false } = {}) {
  menu.hidden = true;
  button.setAttribute("aria-expanded", "false");
  if (focus) button.focus();
}

function open() {
  menu.hidden = false;
  button.setAttribute("aria-expanded", "true");
  entries()[0]?.focus();
}

/** `choices` maps the id of an entry to what it does. */
export function bind(choices) {
  button.addEventListener("click", () => (isOpen() ? close({ focus: true }) : open()));
  for (const [id, choose] of Object.entries(choices)) {
    document.getElementById(id).addEventListener("click", () => {
      close({ focus: true });
      choose();
    });
  }
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = entries();
    all.at((all.indexOf(document.activeElement) + step) % all.length)?.focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (isOpen() && !menu.contains(event.target) && !button.contains(event.target)) close();
  });
  menu.addEventListener("focusout", (event) => {
    if (isOpen() && event.relatedTarget && event.relatedTarget !== button && !menu.contains(event.relatedTarget)) close();
  });
}

export function showEntry(id, shown) {
  document.getElementById(id).hidden = !shown;
}
