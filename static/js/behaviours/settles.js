/* Says `settled` of a select once its choice stands: at once by mouse, after a pause or on leaving it by keyboard, where
   every letter typed chooses anew. */
const PAUSE_MS = 700;

export default function settles(form) {
  const typed = new WeakMap();
  const waiting = new Map();

  function settle(select) {
    clearTimeout(waiting.get(select));
    if (waiting.delete(select) && select.isConnected) select.dispatchEvent(new CustomEvent("settled", { bubbles: true }));
  }

  function wait(select, milliseconds) {
    clearTimeout(waiting.get(select));
    waiting.set(select, setTimeout(() => settle(select), milliseconds));
  }

  form.addEventListener("keydown", (event) => {
    const select = event.target;
    if (!select.matches("select") || event.key === "Tab") return;
    typed.set(select, event.timeStamp);
    // The browser may take longer than a letter to say that the choice changed.
    if (waiting.has(select)) wait(select, PAUSE_MS);
  });
  form.addEventListener("change", (event) => {
    const select = event.target;
    if (!select.matches("select")) return;
    const byKey = event.timeStamp - (typed.get(select) ?? -Infinity) < PAUSE_MS;
    wait(select, byKey ? PAUSE_MS : 0);
  });
  form.addEventListener("focusout", (event) => settle(event.target));
}
