/* A form that asks before its changes are lost with the page. One that came back unsaved (data-unsaved) asks at once. */
export default function unsaved(form) {
  const before = form.dataset.unsaved ? null : snapshot(form);
  let leaving = false;
  form.addEventListener("submit", () => (leaving = true));
  window.addEventListener("beforeunload", (event) => {
    if (!leaving && form.isConnected && snapshot(form) !== before) event.preventDefault();
  });
}

function snapshot(form) {
  return new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === "string")).toString();
}
