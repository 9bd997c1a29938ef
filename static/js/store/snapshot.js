// A copy in memory of what this phone holds for the signed-in account, so that pages can ask
// without waiting. Read again as a whole after each change, here or in another tab.

import { isBehind } from "./accounts.js";
import { keysOf, STORE_NAMES } from "./schema.js";

const isoOrNull = (time) => (time ? new Date(time).toISOString() : null);

export const EMPTY = Object.freeze({
  account: null, is_over: false, events: [], record: [], clinic: null, others_count: 0,
  server_time: null, sender: null,
});

/** Read everything in one transaction. */
export function readSnapshot({ database, KeyRange }) {
  return database.read(STORE_NAMES, async (tables) => {
    const [account, serverTime, sender] = await Promise.all(["account", "server_time", "sender"]
      .map((name) => tables.phone.get(name)));
    const states = tables.events.by("by_state");
    const [pending, rejected] = await Promise.all(["pending", "rejected"]
      .map((state) => states.count(KeyRange.only(state))));
    const unsent = pending + rejected;
    const shared = { server_time: serverTime ?? null, sender: sender ?? null };
    if (!account) return { ...EMPTY, ...shared, others_count: unsent };
    const owner = account.session.account;
    const events = await tables.events.all(keysOf(KeyRange, owner));
    const cursor = await tables.cursors.get(owner);
    const record = cursor ? await tables.record.all(keysOf(KeyRange, owner, cursor.epoch)) : [];
    const own = events.filter((row) => row.state !== "acknowledged").length;
    return { ...shared, account: account.session, is_over: account.is_over, events, record,
      clinic: (await tables.clinic.get(owner))?.body ?? null, others_count: unsent - own };
  });
}

/** What the outbox looks like from outside. */
export function waitingOf(snapshot, { isSending }) {
  const pending = snapshot.events.filter((row) => row.state === "pending");
  const oldest = Math.min(...pending.map((row) => row.saved_at));
  const { sender } = snapshot;
  const nextAt = Math.max(sender?.next_try_at ?? 0, sender?.not_before ?? 0);
  return {
    count: pending.length,
    rejected: snapshot.events.filter((row) => row.state === "rejected").length,
    deferred: pending.filter((row) => row.problem?.is_deferred).length,
    others_count: snapshot.others_count,
    oldest_at: pending.length ? isoOrNull(oldest) : null,
    last_try_at: isoOrNull(sender?.last_try_at),
    last_try_result: sender?.last_try_result ?? null,
    next_try_at: isoOrNull(nextAt),
    is_sending: isSending,
  };
}

export const isClockBehind = (snapshot, now) => isBehind(snapshot.server_time, now);
