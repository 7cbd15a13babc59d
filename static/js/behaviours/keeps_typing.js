/* What is typed or ticked in a form while an answer is on its way is put back when the answer replaces its fields. */
export default function keepsTyping(form) {
  const begun = new WeakMap();
  const typed = new Map();
  form.addEventListener("input", (event) => {
    const { id, type } = event.target;
    if (id && event.target.tagName !== "SELECT") typed.set(id, { field: event.target, type, at: performance.now() });
  });
  form.addEventListener("htmx:beforeRequest", (event) => begun.set(event.detail.xhr, performance.now()));
  form.addEventListener("htmx:beforeSwap", (event) => {
    const since = begun.get(event.detail.xhr);
    if (since === undefined) return;
    for (const [id, one] of typed) {
      if (one.at < since) typed.delete(id);
      else Object.assign(one, { value: one.field.value, checked: one.field.checked });
    }
  });
  form.addEventListener("htmx:afterSwap", () => {
    for (const [id, one] of typed) {
      const field = document.getElementById(id);
      if (!field || field === one.field || field.type !== one.type || !form.contains(field)) continue;
      if (one.type === "checkbox" || one.type === "radio") field.checked = one.checked;
      else field.value = one.value;
      one.field = field;
    }
  });
}
