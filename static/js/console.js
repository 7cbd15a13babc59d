/* Binds behaviours to elements: data-behaviour="name other". Each module exports one function of the element. */
import accent from "./behaviours/accent.js";
import addsPhrasing from "./behaviours/adds_phrasing.js";
import canned from "./behaviours/canned.js";
import characterCount from "./behaviours/character_count.js";
import cards from "./behaviours/cards.js";
import chart from "./behaviours/chart.js";
import claim from "./behaviours/claim.js";
import colleagueTyping from "./behaviours/colleague_typing.js";
import compare from "./behaviours/compare.js";
import composer from "./behaviours/composer.js";
import copy from "./behaviours/copy.js";
import editor from "./behaviours/editor.js";
import evidence from "./behaviours/evidence.js";
import failures from "./behaviours/failures.js";
import filters from "./behaviours/filters.js";
import fold from "./behaviours/fold.js";
import inSight from "./behaviours/in_sight.js";
import inboxHead from "./behaviours/inbox_head.js";
import inboxList from "./behaviours/inbox_list.js";
import inboxMenu from "./behaviours/inbox_menu.js";
import keepsTyping from "./behaviours/keeps_typing.js";
import languagePanes from "./behaviours/language_panes.js";
import live from "./behaviours/live.js";
import menu from "./behaviours/menu.js";
import movedOn from "./behaviours/moved_on.js";
import opensDialog from "./behaviours/opens_dialog.js";
import opensItself from "./behaviours/opens_itself.js";
import palette from "./behaviours/palette.js";
import phrasings from "./behaviours/phrasings.js";
import prints from "./behaviours/prints.js";
import queue from "./behaviours/queue.js";
import relativeTime from "./behaviours/relative_time.js";
import replacesNotices from "./behaviours/replaces_notices.js";
import selection from "./behaviours/selection.js";
import sortable from "./behaviours/sortable.js";
import settles from "./behaviours/settles.js";
import shopperTyping from "./behaviours/shopper_typing.js";
import shortcuts from "./behaviours/shortcuts.js";
import storefrontPreview from "./behaviours/storefront_preview.js";
import theme from "./behaviours/theme.js";
import thread from "./behaviours/thread.js";
import threshold from "./behaviours/threshold.js";
import toast from "./behaviours/toast.js";
import unsaved from "./behaviours/unsaved.js";
import variables from "./behaviours/variables.js";
import workspace from "./behaviours/workspace.js";

const behaviours = {
  accent,
  "adds-phrasing": addsPhrasing,
  "character-count": characterCount,
  cards,
  chart,
  claim,
  copy,
  editor,
  evidence,
  failures,
  filters,
  fold,
  "in-sight": inSight,
  "keeps-typing": keepsTyping,
  "language-panes": languagePanes,
  live,
  menu,
  "moved-on": movedOn,
  "opens-dialog": opensDialog,
  "opens-itself": opensItself,
  palette,
  phrasings,
  queue,
  "relative-time": relativeTime,
  selection,
  sortable,
  settles,
  "shopper-typing": shopperTyping,
  shortcuts,
  "storefront-preview": storefrontPreview,
  theme,
  thread,
  threshold,
  toast,
  unsaved,
  variables,
  workspace,
  canned,
  "colleague-typing": colleagueTyping,
  compare,
  composer,
  "inbox-head": inboxHead,
  "inbox-list": inboxList,
  "inbox-menu": inboxMenu,
  prints,
  "replaces-notices": replacesNotices,
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
