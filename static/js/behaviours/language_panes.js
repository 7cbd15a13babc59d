/*
 * On a narrow page one language at a time; on a wide one both are seen and the switch is hidden by the style sheet.
 * A language is missing as long as it has no question or no answer: what says so follows what is typed.
 */
export default function languagePanes(root) {
  const buttons = [...root.querySelectorAll("[data-show]")];
  const panes = [...root.querySelectorAll("[data-pane]")];

  function show(code) {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.show === code));
    for (const pane of panes) pane.classList.toggle("is-aside", pane.dataset.pane !== code);
  }

  for (const button of buttons) button.addEventListener("click", () => show(button.dataset.show));
  const first =
    buttons.find((button) => button.dataset.hasErrors) ??
    buttons.find((button) => button.getAttribute("aria-pressed") === "true") ??
    buttons[0];
  if (first) show(first.dataset.show);
  for (const pane of panes) {
    const needed = [...pane.querySelectorAll('[name^="question_"], [name^="answer_"]')];
    const marks = root.querySelectorAll(`[data-missing="${pane.dataset.pane}"]`);
    const mark = () => {
      const missing = needed.some((field) => !field.value.trim());
      for (const each of marks) each.hidden = !missing;
    };
    pane.addEventListener("input", mark);
    mark();
  }
  /* A link from the list of errors leads into a pane that may be aside. */
  window.addEventListener("hashchange", () => {
    const field = document.getElementById(location.hash.slice(1));
    const pane = field?.closest("[data-pane]");
    if (!pane || !root.contains(pane)) return;
    show(pane.dataset.pane);
    field.focus();
  });
}
