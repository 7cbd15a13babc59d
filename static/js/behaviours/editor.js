/* The reply: reading it with its evidence, or editing it. What was typed is kept for each candidate of a draft. When
   the draft was made anew meanwhile the last text is carried over and says so: "Back to the draft" shows the new words. */
const kept = new Map();
/* By draft, what was typed into a form that was refused: it comes back with the draft, whichever wording is at hand. */
const refused = new Map();

window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("#decision.is-edited")) event.preventDefault();
});

export default function editor(form) {
  const text = form.querySelector("textarea");
  if (!text) return;
  const { draft, generation, candidate } = form.dataset;
  const key = `${draft}:${generation}:${candidate}`;
  const reply = form.querySelector("[data-reply]");
  const details = form.querySelector("[data-edit]");
  const button = form.querySelector("[data-edit-button]");
  const buttonLabel = button.querySelector("[data-label]");
  const approve = form.querySelector("[data-approve]");
  const approveLabel = approve.querySelector("[data-label]");
  const words = { edit: buttonLabel.textContent, approve: approveLabel.textContent };

  const edited = () => text.value.trim() !== text.dataset.original.trim();
  /* A colleague agreed to other words: these would be the first approval again, and send nothing. */
  const anew = () => approve.dataset.agreed !== undefined && text.value.trim() !== approve.dataset.agreed.trim();

  function show() {
    const open = details.open;
    if (reply) reply.hidden = open;
    button.setAttribute("aria-expanded", String(open));
    button.hidden = open && !reply;
    buttonLabel.textContent = open ? button.dataset.textBack : words.edit;
    approveLabel.textContent = anew() ? approve.dataset.textAnew : edited() ? approve.dataset.textEdited : words.approve;
    form.classList.toggle("is-edited", edited());
    limitRewording();
  }

  /* Without a connected model only the composer's own words can be said otherwise: that is said where it matters. */
  function limitRewording() {
    const reword = document.querySelector("[data-reword][data-composed-only]");
    if (!reword) return;
    const others = edited() || reword.dataset.ofModel !== undefined;
    for (const button of reword.querySelectorAll("button")) button.disabled = others;
    reword.querySelector(".reword-why").hidden = !others;
  }

  const carried = carryOver(draft, generation, key);
  const came = refused.get(draft);
  refused.delete(draft);
  if (text.dataset.given !== undefined) kept.set(key, text.value);
  else if (came !== undefined) kept.set(key, (text.value = came));
  else if (kept.has(key)) text.value = kept.get(key);
  else if (edited()) kept.set(key, text.value);
  form.querySelector("[data-carried]").hidden = !carried || !edited();
  if (edited()) details.open = true;
  // What came with the page, was kept or carried over shows its difference, too.
  if (edited()) setTimeout(() => text.dispatchEvent(new CustomEvent("editor:shown")));
  button.addEventListener("click", () => {
    if (details.open) text.value = text.dataset.original;
    kept.delete(key);
    form.querySelector("[data-carried]").hidden = true;
    details.open = !details.open;
    show();
    text.dispatchEvent(new CustomEvent("editor:shown"));
    if (details.open) {
      text.focus();
      text.setSelectionRange(text.value.length, text.value.length);
    }
  });
  text.addEventListener("input", () => {
    kept.delete(key);
    kept.set(key, text.value);
    show();
  });
  text.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) approve.click();
  });
  form.addEventListener("htmx:beforeOnLoad", (event) => {
    if (event.target !== form) return;
    if (event.detail.xhr.status < 400) kept.delete(key);
    else if (edited()) refused.set(draft, text.value);
  });
  show();
}

/* Move what was typed into an earlier generation of the draft to this one; only the last text, nothing over newer. */
function carryOver(draft, generation, key) {
  const earlier = [...kept.keys()].filter(
    (one) => one.startsWith(`${draft}:`) && Number(one.split(":")[1]) !== Number(generation),
  );
  const last = earlier.at(-1);
  if (last === undefined) return false;
  const text = kept.get(last);
  for (const one of earlier) kept.delete(one);
  if (kept.has(key)) return false;
  kept.set(key, text);
  return true;
}
