// What the page tells its script: ids, look and the words in the shopper's language.

export const config = JSON.parse(document.getElementById("chat-config").textContent);

const strings = config.strings;

/** Further words, which came with what they are about. */
export function learn(words) {
  Object.assign(strings, words);
}

/** The text of `key`, with `{name}` replaced by `values.name`. */
export function say(key, values = {}) {
  return strings[key].replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Counted as the server counts: characters, not UTF-16 units. */
export function characters(text) {
  return [...text].length;
}
