// Turns web addresses in plain text into links. Text goes in as text nodes only: nothing in it becomes markup.

const ADDRESS = /https?:\/\/[^\s<>"'“”‘’（）【】《》，。；！？、]+/giu;
const TRAILING = /[.,;:!?)\]}]+$/;

/** Splits `text` into {text} and {text, href} parts, in order. */
export function parts(text) {
  const found = [];
  let at = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const shown = match[0].replace(TRAILING, "");
    let url;
    try {
      url = new URL(shown);
    } catch {
      continue;
    }
    if (url.username || url.password) continue; // https://shop.example@evil.example reads like the shop
    if (match.index > at) found.push({ text: text.slice(at, match.index) });
    found.push({ text: shown, href: url.href });
    at = match.index + shown.length;
  }
  if (at < text.length) found.push({ text: text.slice(at) });
  return found;
}

export function linkify(text) {
  const fragment = document.createDocumentFragment();
  for (const part of parts(text)) {
    if (!part.href) {
      fragment.append(part.text);
      continue;
    }
    const link = document.createElement("a");
    link.href = part.href;
    link.target = "_blank";
    link.rel = "noopener noreferrer nofollow";
    link.textContent = part.text;
    fragment.append(link);
  }
  return fragment;
}
