// One line above the composer that says what became of something the shopper asked for.

const SHOWN_MS = 8_000;

const line = document.getElementById("told");
let timer = null;

export function told(text) {
  clearTimeout(timer);
  line.hidden = false;
  line.textContent = text;
  timer = setTimeout(untold, SHOWN_MS);
}

export function untold() {
  line.hidden = true;
  line.textContent = "";
}
