/* The draft moved on under the reader: made anew, decided by a colleague, or back from a decision. Show it as it is,
   unless they are writing; what they wrote stays, and approving it is refused with the reason. */
export default function movedOn(status) {
  const form = document.getElementById("decision");
  const approvable = form.querySelector("[data-approve]") !== null;
  const { show, state } = status.dataset;
  const differs = state === "anew" || (state === "waiting" && !approvable) || (state === "decided" && approvable);
  if (differs && !form.classList.contains("is-edited")) {
    window.htmx.ajax("GET", show, { target: "#workspace", swap: "innerHTML" });
  }
}
