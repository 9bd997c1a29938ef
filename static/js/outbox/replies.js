// What an answer to `sync` is worth. Anything that is not 200, ours, of protocol 1 and with one
// result for an id means "unknown" for that id. Pure.

import { PROTOCOL } from "../api.js";

/** The results by event id. An id that is told twice with different outcomes is told nothing. */
function resultsById(results, sentIds) {
  const found = new Map();
  const doubtful = new Set();
  for (const result of results) {
    const id = result?.event_id;
    if (!sentIds.has(id)) continue;
    if (found.has(id) && found.get(id).status !== result.status) doubtful.add(id);
    found.set(id, result);
  }
  for (const id of doubtful) found.delete(id);
  return found;
}

/** A trustworthy `sync` reply as {epoch, received_at, results: Map}, or null. */
export function readSyncReply(reply, sentIds) {
  if (reply.outcome !== "ok" || reply.status !== 200) return null;
  const { protocol, epoch, received_at, results } = reply.body;
  if (protocol !== PROTOCOL || typeof epoch !== "string" || !epoch) return null;
  if (!Array.isArray(results) || typeof received_at !== "string") return null;
  return { epoch, received_at, results: resultsById(results, sentIds) };
}

/** What to do about a reply that settled nothing:
 *  {act: "sign-in" | "mismatch" | "restart" | "too-old" | "smaller" | "bisect" | "wait", result}.
 *  A stranger's refusal (a proxy's) never marks anything: at most the batch gets smaller. */
export function readFailure(reply) {
  if (reply.outcome === "no-answer") return { act: "wait", result: "offline" };
  if (reply.outcome === "ok") return { act: "wait", result: "not-ours" };
  if (reply.outcome === "not-ours") {
    return { act: reply.status === 413 ? "smaller" : "wait", result: "not-ours" };
  }
  const { status, kind } = reply;
  if (status === 401) return { act: "sign-in", result: "sign-in-required" };
  if (kind === "account-mismatch") return { act: "mismatch", result: "account-mismatch" };
  if (kind === "epoch-changed") return { act: "restart", result: "server-busy" };
  if (status === 426) return { act: "too-old", result: "client-too-old" };
  if (status === 413) return { act: "smaller", result: "not-understood" };
  if (status === 400 || status === 415) return { act: "bisect", result: "not-understood" };
  return { act: "wait", result: kind === "storage-full" ? "storage-full" : "server-busy" };
}
