/* After another draft was put into the workspace: mark it in the queue, put the focus where work goes on. */
import { mark } from "./queue.js";

let first = true;

export default function workspace(pane) {
  mark();
  if (first) {
    first = false;
    return;
  }
  const wrong = pane.querySelector("[role=alert]");
  const goal = wrong ?? pane.querySelector("#conversation");
  goal?.setAttribute("tabindex", "-1");
  goal?.focus({ preventScroll: true });
}
