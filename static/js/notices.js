/* Says something in a notice that goes away by itself; the same sentence stands there once. Returns the notice. */
const SHOWN_MS = 8000;

export function say(sentence, { wrong = false } = {}) {
  const toasts = document.getElementById("toasts");
  const said = [...toasts.querySelectorAll(".notice-text")].find((known) => known.textContent === sentence);
  if (said) return said.closest(".notice");
  const notice = document.createElement("div");
  notice.className = wrong ? "notice notice-error" : "notice";
  notice.setAttribute("role", wrong ? "alert" : "status");
  const text = document.createElement("span");
  text.className = "notice-text";
  text.textContent = sentence;
  notice.append(text);
  toasts.append(notice);
  setTimeout(() => notice.remove(), SHOWN_MS);
  return notice;
}
