// The copy of the account's log that the server tells in `changes`, page by page.
//
// A log of a new epoch is gathered beside the old one and takes its place only when it is whole:
// a patient in a car park keeps what she could read a minute ago.

import { noteServerTime, reopenOtherEpochs } from "./accounts.js";
import { keysOf } from "./schema.js";
import { isCheckIn, sealChange, sealClinic } from "./sealed_rows.js";

const DAY_MS = 24 * 60 * 60 * 1000;
const KEEP_DAYS = 30;
const LONGEST_KEEP_DAYS = 90;
const STORES = ["phone", "record", "cursors", "clinic", "events", "discarded"];

const eventIdOf = (change) => change.data?.event?.event_id ?? change.data?.event_id;

function asRow(change, { owner, epoch }) {
  const row = { owner, epoch, seq: change.seq, v: 1, at: change.at ?? null, type: change.type,
    body: change.data };
  const eventId = eventIdOf(change);
  if (typeof eventId === "string") row.event_id = eventId;
  return row;
}

const isWhole = (number) => Number.isSafeInteger(number) && number >= 0;

/** True where a `changes` reply can be taken in after `after`: numbers rise, the cursor moves. */
export function isPage(body, { after }) {
  if (typeof body.epoch !== "string" || !Array.isArray(body.changes)) return false;
  if (!isWhole(body.next) || body.next < after || typeof body.more !== "boolean") return false;
  if (body.more && body.next === after) return false;
  let last = after;
  return body.changes.every((change) => {
    const isNext = isWhole(change?.seq) && change.seq > last && change.seq <= body.next
      && typeof change.type === "string";
    last = change?.seq;
    return isNext;
  });
}

export function createRecord({ database, KeyRange, now, vault }) {
  /** Where to read on: {epoch|null, after, clinic_version}. */
  const place = (owner) => database.read(["cursors", "clinic"], async ({ cursors, clinic }) => {
    const cursor = await cursors.get(owner);
    const at = cursor?.incoming ?? cursor;
    return { epoch: at?.epoch ?? null, after: at?.after ?? 0,
      clinic_version: (await clinic.get(owner))?.version ?? 0 };
  });

  /** Read again from the start under `epoch`; what is here stays until the new log is whole. */
  const restart = (owner, epoch) => database.write(["cursors", "record"],
    async ({ cursors, record }) => {
      const cursor = await cursors.get(owner);
      if (cursor?.incoming) await dropEpoch(record, owner, cursor.incoming.epoch);
      if (cursor?.epoch) {
        const isSame = cursor.epoch === epoch;
        await cursors.put({ owner, v: 1, epoch: cursor.epoch, after: isSame ? 0 : cursor.after,
          incoming: isSame ? null : { epoch, after: 0 } });
      } else {
        await cursors.put({ owner, v: 1, epoch, after: 0, incoming: null });
      }
    });

  const dropEpoch = (record, owner, epoch) => record.remove(keysOf(KeyRange, owner, epoch));

  async function dropOtherEpochs(record, owner, epoch) {
    const keys = await record.keys(keysOf(KeyRange, owner));
    const others = new Set(keys.map(([, one]) => one).filter((one) => one !== epoch));
    for (const one of others) await dropEpoch(record, owner, one);
  }

  async function moveCursor({ cursors, record }, owner, body) {
    const cursor = await cursors.get(owner);
    const isIncoming = cursor?.incoming?.epoch === body.epoch;
    if (isIncoming && body.more) {
      await cursors.put({ ...cursor, incoming: { epoch: body.epoch, after: body.next } });
      return;
    }
    await cursors.put({ owner, v: 1, epoch: body.epoch, after: body.next, incoming: null });
    if (isIncoming) await dropOtherEpochs(record, owner, body.epoch);
  }

  async function isStillAsked({ phone, cursors }, owner, { epoch, after }) {
    const account = await phone.get("account");
    const cursor = await cursors.get(owner);
    const at = cursor?.incoming ?? cursor;
    return account?.session.account === owner && (at?.epoch ?? epoch) === epoch
      && (at?.after ?? 0) === after;
  }

  /** Take one page in, cursor and all, in one transaction. `asked`: {epoch, after} of the request.
   *  Nothing of a page is kept that cannot be sealed. Returns {is_taken, is_record_changed,
   *  reopened}. */
  async function takePage(owner, asked, body) {
    const hasClinic = typeof body.clinic === "object" && body.clinic !== null;
    const rows = await Promise.all(body.changes.map((change) => (
      sealChange(vault, asRow(change, { owner, epoch: body.epoch })))));
    const clinic = hasClinic && await sealClinic(vault,
      { owner, version: body.clinic.version, body: body.clinic });
    if (!rows.every((row) => row.box) || (clinic && !clinic.box)) {
      return { is_taken: false, reopened: 0 };
    }
    return database.write(STORES, async (tables) => {
      if (!await isStillAsked(tables, owner, asked)) return { is_taken: false, reopened: 0 };
      for (const row of rows) await tables.record.put(row);
      await moveCursor(tables, owner, body);
      if (clinic) await tables.clinic.put(clinic);
      await noteServerTime(tables.phone, body.server_time);
      const reopened = await reopenOtherEpochs(tables, { owner, epoch: body.epoch, KeyRange });
      return { is_taken: true, reopened,
        is_record_changed: body.changes.length > 0 || hasClinic || reopened > 0 };
    });
  }

  async function isInRecord(record, { owner, event_id: eventId }, epoch) {
    const rows = await record.by("by_event").all(KeyRange.only([owner, eventId]));
    return rows.some((row) => row.epoch === epoch && isCheckIn(row));
  }

  /** Let go of sent copies that were old enough when the record was `asked` for (ms) AND stand in
   *  it. Returns how many. */
  const prune = (owner, { asked, keepDays = KEEP_DAYS }) => database.write(
    ["events", "record", "cursors"],
    async ({ events, record, cursors }) => {
      const cursor = await cursors.get(owner);
      const oldest = Math.min(asked, now().getTime()) - keepDays * DAY_MS;
      let count = 0;
      for (const row of await events.all(keysOf(KeyRange, owner))) {
        const isOld = row.state === "acknowledged" && row.acknowledged_at < oldest;
        if (!isOld || row.epoch !== cursor?.epoch) continue;
        if (!await isInRecord(record, row, row.epoch)) continue;
        await events.remove([owner, row.event_id]);
        count += 1;
      }
      return count;
    },
  );

  /** Of people who signed out here the record is gone, so only age counts, and the longest that a
   *  clinic can ask for: sent copies, in boxes, of somebody who never came back. */
  const pruneOthers = (owner) => database.write(["events"], async ({ events }) => {
    const oldest = now().getTime() - LONGEST_KEEP_DAYS * DAY_MS;
    for (const row of await events.by("by_state").all(KeyRange.only("acknowledged"))) {
      if (row.owner === owner || !(row.acknowledged_at < oldest)) continue;
      await events.remove([row.owner, row.event_id]);
    }
  });

  return { place, restart, takePage, prune, pruneOthers };
}

/** Remove what the record says of an erased event. */
export async function purgeFromRecord(record, { owner, eventId, KeyRange }) {
  for (const row of await record.by("by_event").all(KeyRange.only([owner, eventId]))) {
    await record.remove([owner, row.epoch, row.seq]);
  }
}
