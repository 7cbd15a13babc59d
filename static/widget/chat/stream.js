// Live events: server-sent events read through fetch (EventSource cannot carry a bearer token), resumed by
// Last-Event-ID. `onPoll` is called whenever a stream opens, and at intervals while none can be had.

import { Backoff, pause } from "./backoff.js";

const SILENCE_MS = 40_000; // the server sends a comment every 15 s
const POLL_AFTER_FAILURES = 2;

/** Feeds bytes, yields {id, name, data}; a frame ends at a blank line. */
export class FrameParser {
  #rest = "";
  #decoder = new TextDecoder();

  *feed(bytes) {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const frames = this.#rest.split("\n\n");
    this.#rest = frames.pop();
    for (const frame of frames) {
      const event = { id: null, name: "message", data: "" };
      for (const line of frame.split("\n")) {
        const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line);
        if (field === "id") event.id = value;
        else if (field === "event") event.name = value;
        else if (field === "data") event.data += value;
      }
      if (event.data || event.id) yield event;
    }
  }
}

export class Stream {
  #lastId = null;
  #abort = null;
  #running = false;
  #backoff = new Backoff();

  /** `cursor` is the id of the last event that the session's first answer already reflects. */
  constructor({ token, cursor, onEvent, onPoll, onState, onRefused }) {
    Object.assign(this, { token, onEvent, onPoll, onState, onRefused });
    this.#lastId = cursor;
  }

  start() {
    this.#running = true;
    this.#run();
  }

  stop() {
    this.#running = false;
    this.#abort?.abort();
  }

  async #run() {
    while (this.#running) {
      const refusal = await this.#listen();
      if (!this.#running) return;
      if (refusal?.status === 401) {
        this.#running = false;
        this.onRefused();
        return;
      }
      const wait = this.#backoff.next(Number(refusal?.headers.get("Retry-After")) || 0);
      if (this.#backoff.failures > POLL_AFTER_FAILURES) {
        this.onState(await this.onPoll());
      }
      await pause(wait);
    }
  }

  /** Reads one connection to its end and returns the answer that refused it, or null. */
  async #listen() {
    this.#abort = new AbortController();
    let watchdog;
    const feedDog = () => {
      clearTimeout(watchdog);
      watchdog = setTimeout(() => this.#abort.abort(), SILENCE_MS);
    };
    feedDog();
    try {
      const headers = { Accept: "text/event-stream", Authorization: `Bearer ${this.token}` };
      if (this.#lastId) headers["Last-Event-ID"] = this.#lastId;
      const options = { headers, signal: this.#abort.signal, credentials: "omit", cache: "no-store" };
      const response = await fetch("/stream/chat/", options);
      if (!response.ok) return response;
      this.onState(true);
      // On PostgreSQL a smaller event id may be committed after a larger one: what fell between is fetched.
      this.onPoll();
      const parser = new FrameParser();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return null;
        feedDog();
        this.#backoff.reset();
        for (const event of parser.feed(value)) {
          if (event.id || event.name === "resync") this.#lastId = event.id;
          this.onEvent(event.name, event.data ? JSON.parse(event.data) : {});
        }
      }
    } catch {
      return null;
    } finally {
      clearTimeout(watchdog);
      this.#abort.abort();
    }
  }
}
