/* A new notice that offers something takes the place of older ones that do, but for decisions that can still be taken
   back: those pile up, and Z takes back the newest. */
const OFFER = "form, [data-key]";

export default function replacesNotices(notice) {
  if (!notice.querySelector(OFFER)) return;
  for (const other of document.querySelectorAll("#toasts .notice:not([data-undoes])")) {
    if (other !== notice && other.querySelector(OFFER)) other.remove();
  }
}
