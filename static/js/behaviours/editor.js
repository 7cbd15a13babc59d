/* The reply: reading it with its evidence, or editing it. What was typed is kept for each candidate of a draft,
   also when the draft was made anew meanwhile: "Back to the draft" then shows the new words. */
const kept = new Map();

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("#decision.is-edited")) event.preventDefault();
});

export default function editor(form) {
  const text = form.querySelector("textarea");
  if (!text) return;
  const key = `${form.dataset.draft}:${form.dataset.candidate}`;
  const reply = form.querySelector("[data-reply]");
  const details = form.querySelector("[data-edit]");
  const button = form.querySelector("[data-edit-button]");
  const buttonLabel = button.querySelector("[data-label]");
  const approve = form.querySelector("[data-approve]");
  const approveLabel = approve.querySelector("[data-label]");
  const words = { edit: buttonLabel.textContent, approve: approveLabel.textContent };

  const edited = () => text.value.trim() !== text.dataset.original.trim();

  function show() {
    const open = details.open;
    if (reply) reply.hidden = open;
    button.setAttribute("aria-expanded", String(open));
    button.hidden = open && !reply;
    buttonLabel.textContent = open ? button.dataset.textBack : words.edit;
    approveLabel.textContent = edited() ? approve.dataset.textEdited : words.approve;
    form.classList.toggle("is-edited", edited());
  }

  if (kept.has(key)) text.value = kept.get(key);
  if (edited()) details.open = true;
  button.addEventListener("click", () => {
    if (details.open) text.value = text.dataset.original;
    kept.delete(key);
    details.open = !details.open;
    show();
    if (details.open) {
      text.focus();
      text.setSelectionRange(text.value.length, text.value.length);
    }
  });
  text.addEventListener("input", () => {
    kept.set(key, text.value);
    show();
  });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) approve.click();
  });
  form.addEventListener("htmx:afterRequest", (event) => {
    if (event.target === form && event.detail.successful) kept.delete(key);
  });
  show();
}
