// Waiting longer after each failure, with full jitter, so that a restarted server is not met by everyone at once.

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

export class Backoff {
  failures = 0;

  reset() {
    this.failures = 0;
  }

  /** Milliseconds to wait now; `floorSeconds` is what the server asked for. */
  next(floorSeconds = 0) {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.failures);
    this.failures += 1;
    return Math.max(floorSeconds * 1000, FIRST_MS / 2 + Math.random() * ceiling);
  }
}

/** Resolves after `ms`, or at once when the browser says that it is online again. */
export function pause(ms) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
  });
}
