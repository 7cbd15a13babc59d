// Tells the portal whether the shopper is looking, so that a reply to one who left goes by e-mail.

const SEEN_EVERY_MS = 25_000;

let shown = false;
let timer = null;
let report = { async seen() {}, async left() {} };
let reported = Promise.resolve(); // one after the other: a "seen" that overtakes a "left" would keep the letter back

export function looking() {
  return shown && document.visibilityState === "visible";
}

function beat() {
  clearInterval(timer);
  if (!looking()) return;
  seen();
  timer = setInterval(seen, SEEN_EVERY_MS);
}

export function setShown(value) {
  if (shown === value) return;
  shown = value;
  if (shown) beat();
  else {
    clearInterval(timer);
    reported = reported.then(() => report.left());
  }
}

/** The shopper looks at what is shown now. */
export function seen() {
  reported = reported.then(() => report.seen());
}

/** A new session begins: say at once that somebody is there. */
export function bind(next) {
  report = next;
  beat();
}

document.addEventListener("visibilitychange", beat);
window.addEventListener("pagehide", () => {
  if (shown) report.left();
});
window.addEventListener("pageshow", (event) => {
  if (event.persisted) beat();
});
