// In full screen the page behind is covered: Tab goes round inside the chat.

const STOPS = "a[href], button, input, textarea, [tabindex='0']";

export function keepInside(event) {
  const stops = [...document.querySelectorAll(STOPS)].filter((stop) => !stop.disabled && stop.getClientRects().length);
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}
