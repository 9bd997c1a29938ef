// A copy in memory of what this phone holds for the signed-in account, so that pages can ask
// without waiting. Read again as a whole after each change, here or in another tab: the rows out
// of one transaction, and opened when that is over.

import { isBehind } from "./accounts.js";
import { inPieces } from "./breath.js";
import { keysOf, STORE_NAMES } from "./schema.js";
import { openChange, openClinic, openEvent, openSession } from "./sealed_rows.js";

const isoOrNull = (time) => (time ? new Date(time).toISOString() : null);

export const EMPTY = Object.freeze({
  account: null, is_over: false, events: [], unreadable: [], record: [], lost_changes: 0,
  has_plain: false, clinic: null, others_count: 0, server_time: null, sender: null,
});

function readRows({ database, KeyRange }) {
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
    const clinic = await tables.clinic.get(owner) ?? null;
    const drafts = await tables.drafts.all(keysOf(KeyRange, owner));
    const hasPlain = [account, clinic, ...drafts, ...events, ...record]
      .some((row) => row && !row.box);
    return { ...shared, account, is_over: account.is_over, events, record, clinic,
      has_plain: hasPlain, others_count: unsent - own,
      keys: await tables.keys.all(keysOf(KeyRange, owner)) };
  });
}

/** Read everything, and open what can be opened. */
export async function readSnapshot({ database, KeyRange, vault }) {
  const { keys = [], ...rows } = await readRows({ database, KeyRange });
  await vault.adopt(rows.account?.session.account ?? null, keys);
  if (!rows.account) return rows;
  const account = await openSession(vault, rows.account);
  const events = await inPieces(rows.events, (row) => openEvent(vault, row));
  const record = await inPieces(rows.record, (row) => openChange(vault, row));
  const clinic = await openClinic(vault, rows.clinic);
  vault.turnOver();
  const whole = record.filter(Boolean);
  return { ...rows, account, clinic, record: whole, lost_changes: record.length - whole.length,
    events: events.filter((row) => row.body),
    unreadable: events.filter((row) => !row.body && row.state !== "acknowledged") };
}

/** What the outbox looks like from outside. */
export function waitingOf(snapshot, { isSending }) {
  const pending = snapshot.events.filter((row) => row.state === "pending");
  const oldest = pending.reduce((least, row) => Math.min(least, row.saved_at), Infinity);
  const { sender } = snapshot;
  const nextAt = Math.max(sender?.next_try_at ?? 0, sender?.not_before ?? 0);
  return {
    count: pending.length,
    rejected: snapshot.events.filter((row) => row.state === "rejected").length,
    deferred: pending.filter((row) => row.problem?.is_deferred).length,
    unreadable: snapshot.unreadable.length,
    others_count: snapshot.others_count,
    oldest_at: pending.length ? isoOrNull(oldest) : null,
    last_try_at: isoOrNull(sender?.last_try_at),
    last_try_result: sender?.last_try_result ?? null,
    next_try_at: isoOrNull(nextAt),
    is_sending: isSending,
  };
}

export const isClockBehind = (snapshot, now) => isBehind(snapshot.server_time, now);
