/* The command palette: Ctrl or ⌘ and K opens it, arrows walk, Enter goes; pages are filtered here, rows found there. */
export default function palette(dialog) {
  const input = dialog.querySelector("[type=search]");
  const found = dialog.querySelector("#palette-found");
  const none = dialog.querySelector("[data-palette-none]");
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k" || event.isComposing) return;
    event.preventDefault();
    dialog.open ? dialog.close() : open();
  });
  dialog.addEventListener("toggle", () => dialog.open && reset());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  input.addEventListener("input", filter);
  found.addEventListener("htmx:afterSettle", settled);
  dialog.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter" && current()) current().click();
    else return;
    event.preventDefault();
  });

  function open() {
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    dialog.showModal();
    input.focus();
  }

  function reset() {
    input.value = "";
    found.replaceChildren();
    filter();
  }

  function filter() {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const item of dialog.querySelectorAll(".palette-item[data-palette-static]")) {
      const text = item.textContent.toLowerCase();
      item.hidden = !words.every((word) => text.includes(word));
    }
    const title = dialog.querySelector(".palette-title[data-palette-static]");
    title.hidden = !dialog.querySelector(".palette-item[data-palette-static]:not([hidden])");
    settled();
  }

  /* After pages were filtered, or rows came: the first is marked; of nothing at all it is said, and Enter searches. */
  function settled() {
    const first = items()[0];
    none.hidden = Boolean(first) || !input.value.trim();
    mark(first);
  }

  function items() {
    return [...dialog.querySelectorAll(".palette-item")].filter((item) => !item.hidden);
  }

  function current() {
    return dialog.querySelector(".palette-item[aria-selected=true]");
  }

  function step(by) {
    const all = items();
    const at = all.indexOf(current());
    mark(all[(at + by + all.length) % all.length]);
  }

  function mark(item) {
    current()?.setAttribute("aria-selected", "false");
    if (!item) return input.removeAttribute("aria-activedescendant");
    item.id ||= `palette-${Math.random().toString(36).slice(2)}`;
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", item.id);
  }
}
