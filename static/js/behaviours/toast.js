/* A notice that goes away by itself: after its countdown when it offers an undo, else after a few seconds. */
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

  function end() {
    clearInterval(timer);
    notice.remove();
  }
  notice.querySelector("form")?.addEventListener("htmx:afterRequest", end);
}
