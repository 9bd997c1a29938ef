// The one way to the server's API. An answer counts as the server's own only with our content type
// and our protocol header: a captive portal says 200 too.

import { retryAfterSeconds } from "./outbox/backoff.js";

const GIVE_UP_MS = 30000;
export const PROTOCOL = 1;

const contentType = (response) => (response.headers.get("Content-Type") || "")
  .split(";")[0].trim().toLowerCase();

const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

async function parsed(response) {
  try {
    const body = JSON.parse(await response.text());
    return isObject(body) ? body : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error; // the line broke in the middle: that is no answer at all
  }
}

function problemReply(status, body, retry) {
  const { kind, detail = "", field = null } = body;
  return {
    outcome: "problem", status, kind, detail, field,
    retry_after_s: typeof body.retry_after_s === "number" ? body.retry_after_s : retry,
  };
}

async function read(response, now) {
  const { status } = response;
  const retry = retryAfterSeconds(response.headers.get("Retry-After"), now);
  const foreign = { outcome: "not-ours", status, retry_after_s: retry };
  if (response.headers.get("X-Sync-Protocol") !== String(PROTOCOL)) return foreign;
  if (status === 204) return { outcome: "ok", status, body: {} };
  const type = contentType(response);
  if (type === "application/json" && status >= 200 && status < 300) {
    const body = await parsed(response);
    return body ? { outcome: "ok", status, body } : foreign;
  }
  if (type === "application/problem+json" && status >= 400) {
    const body = await parsed(response);
    return typeof body?.kind === "string" ? problemReply(status, body, retry) : foreign;
  }
  return foreign;
}

/** `get(path)` and `post(path, body)`; both always resolve to one of
 *  {outcome: "ok", status, body} · {outcome: "problem", status, kind, detail, field, retry_after_s}
 *  {outcome: "not-ours", status, retry_after_s} · {outcome: "no-answer", is_timeout}. */
export function createApi({ fetch, setTimer, now, giveUpMs = GIVE_UP_MS }) {
  async function call(method, path, body, { within = giveUpMs } = {}) {
    const controller = new AbortController();
    let isTimeout = false;
    const cancel = setTimer(() => {
      isTimeout = true;
      controller.abort();
    }, within);
    const headers = { Accept: "application/json, application/problem+json" };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    try {
      const response = await fetch(path, {
        method, headers, body: body === undefined ? undefined : JSON.stringify(body),
        redirect: "error", mode: "same-origin", credentials: "same-origin", cache: "no-store",
        signal: controller.signal,
      });
      return await read(response, now().getTime());
    } catch {
      return { outcome: "no-answer", is_timeout: isTimeout };
    } finally {
      cancel();
    }
  }
  return {
    get: (path, options) => call("GET", path, undefined, options),
    post: (path, body, options) => call("POST", path, body, options),
  };
}
