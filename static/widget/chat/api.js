// Requests to the portal. Every failure is a Refused (the server said no) or a TypeError (it could not be reached).

const TIMEOUT_MS = 15_000;

export class Refused extends Error {
  constructor(status, { error, preview } = {}, retryAfter = 0) {
    super(error?.message ?? "");
    this.status = status;
    this.code = error?.code ?? "";
    this.preview = preview; // what would happen by now
    this.retryAfter = retryAfter;
  }

  /** The same request may pass later. */
  get passing() {
    return this.status === 429 || this.status >= 500;
  }
}

export async function call(method, path, { token = null, body = null, keepalive = false } = {}) {
  const response = await send(method, path, { token, body, keepalive });
  return response.status === 204 ? {} : response.json().catch(() => ({}));
}

/** What the portal answers with a file, as a blob. */
export async function fetchFile(path, token) {
  return (await send("GET", path, { token })).blob();
}

/** Sends a file as it is; a phone's network gets a minute for it. */
export async function upload(path, token, file) {
  return (await send("POST", path, { token, file, timeout: 4 * TIMEOUT_MS })).json();
}

async function send(method, path, { token, body = null, file = null, keepalive = false, timeout = TIMEOUT_MS }) {
  const headers = { Accept: "application/json, */*" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  if (file) headers["Content-Type"] = file.type;
  let response;
  try {
    response = await fetch(`/chat/api/${path}`, {
      method,
      headers,
      body: file ?? (body && JSON.stringify(body)),
      keepalive,
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(timeout),
    });
  } catch (error) {
    throw new TypeError("The portal cannot be reached.", { cause: error });
  }
  if (response.ok) return response;
  throw new Refused(response.status, await response.json().catch(() => ({})), Number(response.headers.get("Retry-After")) || 0);
}
