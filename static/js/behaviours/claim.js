/* Keeps the claim alive while the operator is at work, and gives it back when they turn to another draft. */
export default function claim(element) {
  const { draft, release, renewSeconds } = element.dataset;
  let renewedAt = Date.now();

  function renew() {
    if (!element.isConnected) return stop();
    if (Date.now() - renewedAt < Number(renewSeconds) * 1000) return;
    renewedAt = Date.now();
    window.htmx.trigger(element, "renew");
  }

  function stop() {
    for (const kind of ["keydown", "pointermove"]) document.removeEventListener(kind, renew);
    window.removeEventListener("pagehide", giveBack);
  }

  function giveBack() {
    const headers = JSON.parse(document.body.getAttribute("hx-headers"));
    fetch(release, { method: "POST", keepalive: true, headers: { ...headers, "HX-Request": "true" } }).catch(() => {});
  }

  for (const kind of ["keydown", "pointermove"]) document.addEventListener(kind, renew, { passive: true });
  window.addEventListener("pagehide", giveBack);
  element.addEventListener("htmx:beforeCleanupElement", () => {
    stop();
    setTimeout(() => {
      if (!document.querySelector(`.workspace[data-draft="${draft}"]`)) giveBack();
    });
  });
}
