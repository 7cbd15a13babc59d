// Talks with the loader in the shop's page. Exact origins both ways; nobody else is heard.

import { config } from "./config.js";

const handlers = new Map();

export function hear(type, handler) {
  handlers.set(type, handler);
}

export function tell(type, detail = null, more = {}) {
  if (window.parent !== window) window.parent.postMessage({ ...more, csportal: type, detail }, config.origin);
}

window.addEventListener("message", (event) => {
  if (event.origin !== config.origin || event.source !== window.parent || !event.data) return;
  handlers.get(event.data.csportal)?.(event.data);
});
