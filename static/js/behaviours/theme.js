/* Applies the chosen appearance at once and stores it without leaving the page. */
export default function theme(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = event.submitter.value;
    document.documentElement.dataset.theme = chosen;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
    const data = new FormData(form);
    data.set("theme", chosen);
    fetch(form.action, { method: "POST", body: data, redirect: "manual" }).catch(() => form.submit());
  });
}
