// Requests to the portal. Every failure is a Refused (the server said no) or a TypeError (it could not be reached).

const TIMEOUT_MS = 15_000;

export class Refused extends Error {
  constructor(status, error, retryAfter) {
    super(error?.message ?? "");
    this.status = status;
    this.code = error?.code ?? "";
    this.retryAfter = retryAfter;
  }

  /** The same request may pass later. */
  get passing() {
    return this.status === 429 || this.status >= 500;
  }
}

export async function call(method, path, { token = null, body = null, keepalive = false } = {}) {
  const headers = { Accept: "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/chat/api/${path}`, {
      method,
      headers,
      body: body && JSON.stringify(body),
      keepalive,
      credentials: "omit",
      cache: "no-store",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  } catch (error) {
    throw new TypeError("The portal cannot be reached.", { cause: error });
  }
  if (response.status === 204) return {};
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, answer.error, Number(response.headers.get("Retry-After")) || 0);
  return answer;
}
