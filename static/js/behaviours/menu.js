/* A <details> menu that closes on Escape, on its button to cancel, on a click elsewhere, and when the focus leaves it. */
export default function menu(details) {
  document.addEventListener("click", (event) => {
    if (!details.contains(event.target)) details.open = false;
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) details.open = false;
  });
  details.addEventListener("click", (event) => {
    if (event.target.closest("[data-close-menu]")) close();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.stopPropagation();
    close();
  });

  function close() {
    details.open = false;
    details.querySelector("summary").focus();
  }
}
