/* Binds behaviours to elements: data-behaviour="name other". Each module exports one function of the element. */
import accent from "./behaviours/accent.js";
import claim from "./behaviours/claim.js";
import copy from "./behaviours/copy.js";
import editor from "./behaviours/editor.js";
import evidence from "./behaviours/evidence.js";
import failures from "./behaviours/failures.js";
import live from "./behaviours/live.js";
import menu from "./behaviours/menu.js";
import movedOn from "./behaviours/moved_on.js";
import opensDialog from "./behaviours/opens_dialog.js";
import queue from "./behaviours/queue.js";
import relativeTime from "./behaviours/relative_time.js";
import shopperTyping from "./behaviours/shopper_typing.js";
import shortcuts from "./behaviours/shortcuts.js";
import theme from "./behaviours/theme.js";
import thread from "./behaviours/thread.js";
import toast from "./behaviours/toast.js";
import workspace from "./behaviours/workspace.js";

const behaviours = {
  accent,
  claim,
  copy,
  editor,
  evidence,
  failures,
  live,
  menu,
  "moved-on": movedOn,
  "opens-dialog": opensDialog,
  queue,
  "relative-time": relativeTime,
  "shopper-typing": shopperTyping,
  shortcuts,
  theme,
  thread,
  toast,
  workspace,
};
const bound = new WeakSet();

function bind(element) {
  if (bound.has(element)) return;
  bound.add(element);
  for (const name of element.dataset.behaviour.split(/\s+/)) behaviours[name]?.(element);
}

function start(root) {
  if (root.matches?.("[data-behaviour]")) bind(root);
  root.querySelectorAll?.("[data-behaviour]").forEach(bind);
}

document.documentElement.classList.add("js");
start(document.body);
document.body.addEventListener("htmx:load", (event) => start(event.detail.elt));
