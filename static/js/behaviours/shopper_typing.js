/* "The shopper is typing", for a few seconds after the last sign of it. */
const SHOWN_MS = 5000;

export default function shopperTyping(line) {
  let timer = 0;
  const name = `shopper:typing:${line.dataset.conversation}`;
  function show() {
    if (!line.isConnected) return document.body.removeEventListener(name, show);
    line.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (line.hidden = true), SHOWN_MS);
  }
  document.body.addEventListener(name, show);
}
