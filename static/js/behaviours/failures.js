/* One toast for what went wrong on the way: no network, no permission, a server that broke. */
export default function failures(body) {
  const words = body.dataset;
  body.addEventListener("htmx:sendError", () => toast(words.textOffline));
  body.addEventListener("htmx:responseError", (event) => {
    const known = { 403: words.textForbidden, 404: words.textGone, 429: words.textBusy };
    toast(known[event.detail.xhr.status] ?? words.textFailed);
  });
}

function toast(sentence) {
  const toasts = document.getElementById("toasts");
  if ([...toasts.querySelectorAll(".notice-text")].some((known) => known.textContent === sentence)) return;
  const notice = document.createElement("div");
  notice.className = "notice notice-error";
  notice.setAttribute("role", "alert");
  const text = document.createElement("span");
  text.className = "notice-text";
  text.textContent = sentence;
  notice.append(text);
  toasts.append(notice);
  setTimeout(() => notice.remove(), 8000);
}
