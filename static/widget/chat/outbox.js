// The shopper's messages on their way. They are kept until the server has them, survive a reload, go out in order,
// and keep their client id however often they are sent, so that a repeat is the same message.

import { Refused } from "./api.js";
import { Backoff, pause } from "./backoff.js";
import { say } from "./config.js";
import * as log from "./log.js";
import { keepOutbox, outboxOf } from "./storage.js";

export class Outbox {
  #waiting = [];
  #busy = false;
  #open = true;
  #backoff = new Backoff();

  constructor({ conversation, request, onSent, onMoved, onTrouble }) {
    Object.assign(this, { conversation, request, onSent, onMoved, onTrouble });
  }

  /** Shows and sends what an earlier page or session did not; `known` are client ids that the server has. */
  restore({ known, carried }) {
    const kept = outboxOf(this.conversation);
    const fresh = carried.filter((message) => !kept.some((other) => other.clientId === message.clientId));
    this.#waiting = [...kept, ...fresh].filter((message) => !known.has(message.clientId));
    this.#keep();
    for (const message of this.#waiting) {
      log.addPending(message);
      if (message.failed) this.#showFailure(message, message.failed);
    }
    this.#drain();
  }

  /** `more` is `{photos}` of a message, or `{asked}`: a confirmed request, which goes its own way. */
  add(text, more = {}) {
    const message = { clientId: crypto.randomUUID(), text, at: new Date().toISOString(), failed: "", ...more };
    this.#waiting.push(message);
    this.#keep();
    log.addPending(message);
    this.#drain();
  }

  /** Stops for good, since another session takes over, and returns what was not sent. */
  close() {
    this.#open = false;
    return this.#waiting;
  }

  #keep() {
    keepOutbox(this.conversation, this.#waiting);
  }

  #drop(message) {
    this.#waiting = this.#waiting.filter((other) => other !== message);
    this.#keep();
  }

  #showFailure(message, reason) {
    log.markFailed(message.clientId, reason, {
      onResend: () => {
        message.failed = "";
        log.markSending(message.clientId);
        this.#keep();
        this.#drain();
      },
      onDiscard: () => {
        this.#drop(message);
        log.removePending(message.clientId);
      },
    });
  }

  async #drain() {
    if (this.#busy) return;
    this.#busy = true;
    try {
      for (;;) {
        const message = this.#waiting.find((candidate) => !candidate.failed);
        if (!message || !this.#open) return;
        await this.#send(message);
      }
    } finally {
      this.#busy = false;
    }
  }

  async #send(message) {
    try {
      const { clientId, text, photos, asked } = message;
      const body = asked ? { client_id: clientId, ...asked } : { client_id: clientId, text, photos };
      const answer = await this.request("POST", asked ? "requests" : "messages", { body });
      this.#backoff.reset();
      this.#drop(message);
      // Another tab asked for the same before: that one counts.
      if (answer.message.client_id !== clientId) log.removePending(clientId);
      this.onSent(answer.message, answer.state);
    } catch (error) {
      if (!this.#open) return;
      if (error instanceof Refused && error.preview && message.asked) {
        // Nothing was sent: it is shown anew.
        this.#drop(message);
        log.removePending(message.clientId);
        this.onMoved(error, message.asked);
        return;
      }
      if (error instanceof Refused && !error.passing) {
        message.failed = error.message || say("notSent");
        this.#keep();
        this.#showFailure(message, message.failed);
        return;
      }
      this.onTrouble();
      await pause(this.#backoff.next(error.retryAfter));
    }
  }
}
