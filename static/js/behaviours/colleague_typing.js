/* "Ann is typing", for a few seconds after the last sign of it; never about oneself. */
const SHOWN_MS = 8000;

export default function colleagueTyping(line) {
  let timer = 0;
  const name = `operator:typing:${line.dataset.conversation}`;
  function show(event) {
    if (!line.isConnected) return document.body.removeEventListener(name, show);
    if (event.detail.member === line.dataset.me) return;
    line.textContent = line.dataset.text.replace("{name}", event.detail.name);
    line.hidden = false;
    clearTimeout(timer);
    timer = setTimeout(() => (line.hidden = true), SHOWN_MS);
  }
  document.body.addEventListener(name, show);
}
