/* The draft changed under the reader: show it at once, unless they are writing. */
export default function movedOn(banner) {
  if (!document.querySelector("#decision.is-edited")) banner.querySelector("a").click();
}
