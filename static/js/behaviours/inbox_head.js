/* The head of a conversation does not refresh under an open menu, but as soon as it is closed. */
export default function inboxHead(head) {
  let missed = false;
  head.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target !== head || !head.querySelector("details[open]")) return;
    missed = true;
    event.preventDefault();
  });
  // Asked for before the menu was opened, answered after.
  head.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target !== head || !head.querySelector("details[open]")) return;
    missed = true;
    event.detail.shouldSwap = false;
  });
  head.addEventListener(
    "toggle",
    () => {
      if (!missed || head.querySelector("details[open]")) return;
      missed = false;
      window.htmx.trigger(document.body, `conversation:moved:${head.dataset.conversation}`);
    },
    true,
  );
}
