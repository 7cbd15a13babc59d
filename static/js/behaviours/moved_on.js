/* The draft moved on under the reader: made anew, decided by a colleague, or back from a decision. Show it as it is,
   unless they are writing; what they wrote stays, and approving it is refused with the reason. Whoever has turned to
   another draft meanwhile, or is being led there by a decision of their own, is not called back. */
const heard = new Map();
const sent = new WeakMap();
let askedAt = 0;
let watching = false;

export default function movedOn(status) {
  watch();
  const form = document.getElementById("decision");
  const { draft, show, state } = status.dataset;
  listen(draft);
  if (!status.isConnected || form?.dataset.draft !== draft || deciding()) return;
  if (heard.get(draft) > askedAt) {
    window.htmx.ajax("GET", status.getAttribute("hx-get"), { source: status, target: status, swap: "outerHTML" });
    return;
  }
  const approvable = form.querySelector("[data-approve]") !== null;
  const differs = state === "anew" || (state === "waiting" && !approvable) || (state === "decided" && approvable);
  if (differs && !form.classList.contains("is-edited")) {
    window.htmx.ajax("GET", show, { source: status, target: "#workspace", swap: "innerHTML" });
  }
}

/* A form of the open draft is on its way: its answer shows what comes next. */
function deciding() {
  return document.querySelector('#workspace form.htmx-request[hx-target="#workspace"]') !== null;
}

/* News that came while an answer was on its way, which did not know of it yet: ask again once the answer is shown. */
function listen(draft) {
  if (heard.has(draft)) return;
  heard.set(draft, 0);
  document.body.addEventListener(`draft:moved:${draft}`, () => heard.set(draft, performance.now()));
}

/* Remembers when what is shown was asked for. An answer to a question from here that comes when another draft is at
   hand, or a decision is on its way, is dropped. */
function watch() {
  if (watching) return;
  watching = true;
  document.body.addEventListener("htmx:beforeSend", (event) => sent.set(event.detail.xhr, performance.now()));
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { requestConfig, target, xhr } = event.detail;
    const asked = requestConfig?.elt;
    if (target?.id === "workspace" && asked?.matches?.("[data-behaviour~=moved-on]")) {
      const open = document.querySelector(".workspace")?.dataset.draft;
      if (asked.dataset.draft !== open || deciding()) event.detail.shouldSwap = false;
    }
    if (event.detail.shouldSwap) askedAt = sent.get(xhr) ?? 0;
  });
}
