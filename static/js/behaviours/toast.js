/* A notice that goes away by itself: after its countdown when it offers an undo, else after a few seconds; and at once
   when what it offers to undo was taken back, wherever that was done. */
const SHOWN_SECONDS = 6;

export default function toast(notice) {
  const countdown = notice.querySelector("[data-countdown]");
  let seconds = Number(notice.dataset.seconds) || SHOWN_SECONDS;
  const dismiss = notice.querySelector("[data-dismiss]");
  dismiss.hidden = false;
  dismiss.addEventListener("click", end);
  const timer = setInterval(() => {
    seconds -= 1;
    if (countdown) countdown.textContent = String(Math.max(0, seconds));
    if (seconds <= 0 && !(notice.matches(":hover, :focus-within") && !countdown)) end();
  }, 1000);

  const undone = notice.dataset.undoes ? `draft:undone:${notice.dataset.undoes}` : "";
  if (undone) document.body.addEventListener(undone, end);

  function end() {
    clearInterval(timer);
    if (undone) document.body.removeEventListener(undone, end);
    notice.remove();
  }
  notice.querySelector("form, [hx-get]")?.addEventListener("htmx:afterRequest", end);
}
