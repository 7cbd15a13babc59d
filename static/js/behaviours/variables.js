/* Buttons with data-variable put their text where the cursor was in the form's last used textarea. */
export default function variables(form) {
  let target = form.querySelector("textarea");
  form.addEventListener("focusin", (event) => {
    if (event.target.matches("textarea")) target = event.target;
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-variable]");
    if (!button || !target) return;
    target.setRangeText(button.dataset.variable, target.selectionStart, target.selectionEnd, "end");
    target.focus();
    target.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
