/* One toast for what went wrong on the way: no network, no permission, a server that broke. That the portal cannot be
   reached is said until it was. */
import { say } from "../notices.js";

export default function failures(body) {
  const words = body.dataset;
  let away = null;
  body.addEventListener("htmx:sendError", () => (away = say(words.textOffline, { wrong: true })));
  body.addEventListener("htmx:beforeOnLoad", () => away?.remove());
  body.addEventListener("htmx:responseError", (event) => {
    const known = { 403: words.textForbidden, 404: words.textGone, 429: words.textBusy };
    say(known[event.detail.xhr.status] ?? words.textFailed, { wrong: true });
  });
}
