/* A button, or a link that leads to the same without JavaScript, that opens the native dialog named by data-dialog;
   the focus comes back by itself. */
export default function opensDialog(button) {
  button.addEventListener("click", (event) => {
    const dialog = document.getElementById(button.dataset.dialog);
    if (!dialog || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (dialog.open) return;
    dialog.showModal();
    dialog.querySelector("input:not([type=hidden])")?.focus();
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog || event.target.closest("[data-close-dialog]")) dialog.close();
    });
  });
}
