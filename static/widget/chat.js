// The chat inside the iframe: one session at a time, its messages, and the talk with the loader outside.

import { Refused, call } from "./chat/api.js";
import { Backoff, pause } from "./chat/backoff.js";
import { hear, tell } from "./chat/bridge.js";
import * as composer from "./chat/composer.js";
import { config } from "./chat/config.js";
import * as connection from "./chat/connection.js";
import * as email from "./chat/email.js";
import * as log from "./chat/log.js";
import { Outbox } from "./chat/outbox.js";
import * as presence from "./chat/presence.js";
import * as progress from "./chat/progress.js";
import { ANONYMOUS, forgetToken, keepToken, keepTypedText, slotOf, tokenOf, typedText } from "./chat/storage.js";
import { Stream } from "./chat/stream.js";

let identity = null;
let session = null; // {token, conversation, slot, outbox, stream, lastId}
let opening = 0; // grows with each attempt, so that an answer to an older one is dropped
let unread = 0;

document.documentElement.style.setProperty("--accent", config.accent.colour);
document.documentElement.style.setProperty("--on-accent", config.accent.on);
document.documentElement.style.setProperty("--accent-on-light", config.accent.onLight);
document.documentElement.style.setProperty("--accent-on-dark", config.accent.onDark);

/* ---- session ---- */

async function openSession() {
  const attempt = ++opening;
  const carried = endSession();
  const backoff = new Backoff();
  while (attempt === opening) {
    try {
      const answer = await requestSession();
      if (attempt === opening) begin(answer, carried);
      return;
    } catch (error) {
      if (attempt !== opening) return;
      if (error instanceof Refused && error.code === "identity_refused" && identity) {
        tell("error", { code: error.code });
        identity = null;
        continue;
      }
      connection.lost();
      if (error instanceof Refused && !error.passing) {
        connection.closed();
        tell("error", { code: error.code });
        return;
      }
      await pause(backoff.next(error.retryAfter));
    }
  }
}

async function requestSession() {
  const slot = slotOf(identity);
  const body = { storefront: config.storefront, locale: config.locale, origin: config.origin };
  if (identity) body.identity = identity;
  const token = tokenOf(slot) ?? tokenOf(ANONYMOUS);
  if (token) body.token = token;
  const answer = await call("POST", "sessions", { body });
  keepToken(slot, answer.token);
  if (slot !== ANONYMOUS && token === tokenOf(ANONYMOUS)) forgetToken(ANONYMOUS);
  return { ...answer, slot };
}

/** Ends the session and returns what it had not sent yet. */
function endSession() {
  if (!session) return { slot: null, messages: [] };
  const carried = { slot: session.slot, messages: session.outbox.close() };
  session.stream.stop();
  session = null;
  composer.setText("");
  return carried;
}

function begin(answer, carried) {
  const { token, conversation, slot } = answer;
  log.clear();
  document.getElementById("sign-in-hint").hidden = answer.identified;
  email.reset({ has: answer.has_email });
  session = {
    token,
    conversation,
    slot,
    lastId: null,
    outbox: new Outbox({ conversation, request, onSent: receiveSent, onTrouble: connection.lost }),
    stream: new Stream({
      token,
      cursor: answer.cursor,
      onEvent,
      onPoll: sync,
      onState: (up) => (up ? connection.restored() : connection.lost()),
      onRefused: openSession,
    }),
  };
  for (const message of answer.messages) receive(message, { quietly: true });
  progress.show(answer.status);
  if (progress.waiting()) email.offerLater();
  connection.restored();
  session.outbox.restore({
    known: new Set(answer.messages.map((message) => message.client_id)),
    carried: carried.slot === slot ? carried.messages : [],
  });
  session.stream.start();
  if (!composer.text()) composer.setText(typedText(slot));
  presence.bind({ seen: () => quiet("POST", "seen"), left: () => quiet("POST", "leave", { keepalive: true }) });
  log.ready();
}

/** A request of the session; a session that the server no longer knows is opened anew. */
async function request(method, path, options = {}) {
  const { token } = session;
  try {
    return await call(method, path, { ...options, token });
  } catch (error) {
    if (error instanceof Refused && error.status === 401 && session?.token === token) openSession();
    throw error;
  }
}

/** A request whose loss does not matter. */
async function quiet(method, path, options = {}) {
  if (session) await request(method, path, { body: {}, ...options }).catch(() => {});
}

/* ---- messages ---- */

function receive(message, { quietly = false } = {}) {
  const isNew = log.add(message);
  session.lastId = message.id;
  if (!isNew || quietly || message.author === "shopper") return;
  tell("message", { author: message.author });
  if (presence.looking()) presence.seen();
  else setUnread(unread + 1);
}

function receiveSent(message, status) {
  connection.restored();
  log.add(message);
  progress.show(status);
  email.offerLater();
  tell("message", { author: "shopper" });
}

/** Fetches what came since the last message; true when the portal answered. */
async function sync() {
  const current = session;
  if (!current) return false;
  try {
    const after = current.lastId ? `?after=${encodeURIComponent(current.lastId)}` : "";
    const answer = await request("GET", `messages${after}`);
    if (current !== session) return true;
    for (const message of answer.messages) receive(message);
    settle(answer.status);
    return true;
  } catch {
    return false;
  }
}

function settle(status) {
  progress.show(status);
  if (!progress.waiting()) email.answered();
}

function setUnread(count) {
  if (count === unread) return;
  unread = count;
  tell("unread", { count });
}

function onEvent(name) {
  if (name === "message:posted" || name === "resync") sync();
  else if (name === "reply:drafting") progress.show("drafting");
  else if (name === "reply:checking") progress.show("checking");
  else if (name === "operator:typing") progress.operatorTyping();
}

/* ---- the loader outside ---- */

function shown({ opened, fullScreen, quietly }) {
  document.documentElement.classList.toggle("full-screen", Boolean(fullScreen));
  presence.setShown(opened);
  if (!opened) return;
  setUnread(0);
  log.toEnd();
  if (!quietly) composer.focus();
}

hear("start", (data) => {
  identity = data.identity || null;
  shown(data);
  openSession();
});
hear("identify", (data) => {
  const next = data.identity || null;
  if (next === identity) return;
  const sameShopper = next && slotOf(next) === slotOf(identity);
  // Signing out leaves nothing behind for the next person at this screen.
  if (!next) forgetToken(slotOf(identity));
  identity = next;
  if (!sameShopper) openSession();
});
hear("shown", shown);
hear("hidden", (data) => {
  shown(data);
  email.offer();
});
hear("resized", (data) => document.documentElement.classList.toggle("full-screen", Boolean(data.fullScreen)));

/* ---- the page ---- */

composer.bind({
  send: (text) => (session ? session.outbox.add(text) : composer.setText(text)),
  typed: (text) => session && keepTypedText(session.slot, text),
  typing: () => quiet("POST", "typing"),
});
email.bind({ save: (address) => request("POST", "email", { body: { email: address } }) });
connection.bind({ retry: () => window.dispatchEvent(new Event("online")) });

document.getElementById("close").addEventListener("click", () => tell("close"));
document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  if (event.key === "Escape") tell("close");
  else if (event.key === "Tab" && document.documentElement.classList.contains("full-screen")) keepInside(event);
});

/** In full screen the page behind is covered: Tab goes round inside the chat. */
function keepInside(event) {
  const stops = [...document.querySelectorAll("a[href], button, input, textarea, [tabindex='0']")].filter(
    (stop) => !stop.disabled && stop.getClientRects().length,
  );
  const edge = event.shiftKey ? stops[0] : stops.at(-1);
  if (document.activeElement !== edge) return;
  event.preventDefault();
  (event.shiftKey ? stops.at(-1) : stops[0]).focus();
}

tell("hello", { accent: config.accent.colour });
