// Tokens and unsent messages, kept by the browser for this storefront; the browser keeps them apart for each shop.
// A shopper who signs in and one who does not have different slots, so that signing out shows nobody's history.

import { config } from "./config.js";

const KEY = `csportal:${config.storefront}`;
let memory = {};

function read() {
  try {
    const found = JSON.parse(localStorage.getItem(KEY));
    return found && typeof found === "object" ? found : {};
  } catch {
    return memory;
  }
}

function change(edit) {
  const next = { tokens: {}, outbox: {}, drafts: {}, seen: {}, ...read() };
  edit(next);
  memory = next;
  try {
    localStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Storage is off or full: the chat works until the page is left.
  }
}

export const ANONYMOUS = "anonymous";

/** The shopper's id inside the signed token; the server checks it. */
export function slotOf(identity) {
  if (!identity) return ANONYMOUS;
  try {
    const bytes = atob(identity.split(".")[0].replaceAll("-", "+").replaceAll("_", "/"));
    const text = new TextDecoder().decode(Uint8Array.from(bytes, (letter) => letter.charCodeAt(0)));
    return `shopper:${JSON.parse(text).sub}`;
  } catch {
    return ANONYMOUS;
  }
}

export function tokenOf(slot) {
  return read().tokens?.[slot] ?? null;
}

export function keepToken(slot, token) {
  change((kept) => {
    kept.tokens[slot] = token;
  });
}

export function forgetToken(slot) {
  change((kept) => {
    delete kept.tokens[slot];
  });
}

export function outboxOf(conversation) {
  return read().outbox?.[conversation] ?? [];
}

export function keepOutbox(conversation, messages) {
  change((kept) => {
    if (messages.length) kept.outbox[conversation] = messages;
    else delete kept.outbox[conversation];
  });
}

/** The last message of the conversation that was on a screen. */
export function seenIn(conversation) {
  return read().seen?.[conversation] ?? null;
}

export function keepSeen(conversation, message) {
  change((kept) => {
    kept.seen = { [conversation]: message };
  });
}

export function typedText(slot) {
  return read().drafts?.[slot] ?? "";
}

export function keepTypedText(slot, text) {
  change((kept) => {
    if (text) kept.drafts[slot] = text;
    else delete kept.drafts[slot];
  });
}
