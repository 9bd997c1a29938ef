// The outbox: every saved event, its number on this device, and what became of it.
// No network here. A transaction ends while one waits for sealing, so boxes are made before it, for
// the number that will be next; where the number was taken meanwhile, it is done again.

import { isBehind, noteServerTime, reopenOtherEpochs } from "../store/accounts.js";
import { inPieces } from "../store/breath.js";
import { PhoneError } from "../store/problems.js";
import { purgeFromRecord } from "../store/record.js";
import { keysOf } from "../store/schema.js";
import { openEvent, sealEvent, sealReply } from "../store/sealed_rows.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KINDS = new Set(["start", "create", "amend", "retract", "called"]);
const EVENT_FIELDS = ["kind", "supersedes", "treatment_id", "form_version", "rules_version",
  "recorded_at", "time_zone", "local_date", "clock_behind", "answers"];
const ENVELOPE_BYTES = 2048;
const MOST_DISCARDED = 500;
const MOST_TRIES = 200;
const bytes = new TextEncoder();

const sizeOf = (value) => bytes.encode(JSON.stringify(value)).length;

/** The verdict that travels: level and reasons only, and null where there is no level. */
const wireVerdict = (verdict) => (verdict?.level
  ? { level: verdict.level, reasons: verdict.reasons } : null);

/** An event as the server gets it. */
export function wireEvent(row) {
  return { event_id: row.event_id, owner: row.owner, device_id: row.device_id, dseq: row.dseq,
    ...row.body.event, verdict: wireVerdict(row.body.verdict) };
}

function checkDraft(draft) {
  if (!UUID.test(draft?.event_id ?? "")) throw new PhoneError("bad-draft", "event_id");
  if (!KINDS.has(draft.kind)) throw new PhoneError("bad-draft", "kind");
  if (typeof draft.answers !== "object" || draft.answers === null) {
    throw new PhoneError("bad-draft", "answers");
  }
}

function bodyOf(draft, { clockBehind }) {
  const whole = { supersedes: null, rules_version: null, ...draft, clock_behind: clockBehind };
  return {
    event: Object.fromEntries(EVENT_FIELDS.map((name) => [name, whole[name] ?? null])),
    verdict: draft.verdict?.level ? draft.verdict : null,
  };
}

/** A device of this account that has saved nothing yet. */
export const newDevice = (owner, uuid) => (
  { owner, v: 1, device_id: uuid(), next_dseq: 1, next_nth: 1 });

const isSameDevice = (one, other) => one?.device_id === other?.device_id
  && one?.next_dseq === other?.next_dseq && one?.next_nth === other?.next_nth;

/** `attempt` until it gives something: it gives null where others were faster, so somebody always
 *  gets on. */
async function untilDone(attempt) {
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const done = await attempt();
    if (done !== null) return done;
  }
  throw new PhoneError("storage-failed", "others were faster every time");
}

/** Events of one device in the order of their numbers, cut into what one request may carry. */
function batchesOf(rows, { mostEvents, mostBytes }) {
  const batches = [];
  let size = 0;
  for (const row of [...rows].sort((one, other) => one.dseq - other.dseq)) {
    const length = sizeOf(wireEvent(row)) + 1;
    const last = batches.at(-1);
    if (last && last.length < mostEvents && size + length <= mostBytes) {
      last.push(row);
      size += length;
    } else {
      batches.push([row]);
      size = ENVELOPE_BYTES + length;
    }
  }
  return batches;
}

/** Cut pending rows into batches: one device a batch, `limits` of the session respected.
 *  Those the server could not read before go alone and last. */
export function cutIntoBatches(rows, { mostEvents, mostBytes }) {
  const isPoison = (row) => row.problem?.kind === "not-understood";
  const byDevice = new Map();
  for (const row of rows) {
    if (isPoison(row)) continue;
    if (!byDevice.has(row.device_id)) byDevice.set(row.device_id, []);
    byDevice.get(row.device_id).push(row);
  }
  const batches = [...byDevice.values()]
    .flatMap((mine) => batchesOf(mine, { mostEvents, mostBytes }));
  return [...batches, ...rows.filter(isPoison).map((row) => [row])];
}

export function createOutbox({ database, KeyRange, now, uuid, vault }) {
  let saving = Promise.resolve();

  /** What would be written if nobody else saved meanwhile. */
  async function planSave(drafts, owner) {
    const at = now();
    const seen = await database.read(["phone", "devices", "events", "keys"], async (tables) => ({
      device: await tables.devices.get(owner) ?? null,
      key_count: (await tables.keys.keys(keysOf(KeyRange, owner))).length,
      server_time: await tables.phone.get("server_time"),
      here: await Promise.all(drafts.map(({ event_id: id }) => tables.events.get([owner, id]))),
    }));
    const clockBehind = isBehind(seen.server_time, at);
    const device = { ...seen.device ?? newDevice(owner, uuid) };
    const plan = { at, clockBehind, keyCount: seen.key_count, before: seen.device, device, rows: [],
      already: [] };
    const known = new Set(seen.here.filter(Boolean).map((row) => row.event_id));
    for (const draft of drafts) {
      if (known.has(draft.event_id)) {
        plan.already.push(draft.event_id);
        continue;
      }
      known.add(draft.event_id);
      plan.rows.push({
        owner, event_id: draft.event_id, v: 1,
        device_id: device.device_id, dseq: device.next_dseq, nth: device.next_nth,
        saved_at: at.getTime(), state: "pending", problem: null, epoch: null, seq: null,
        received_at: null, acknowledged_at: null, server_verdict: null,
        body: bodyOf(draft, { clockBehind }),
      });
      device.next_dseq += 1;
      device.next_nth += 1;
    }
    plan.rows = await Promise.all(plan.rows.map((row) => sealEvent(vault, row)));
    return plan;
  }

  async function trySave(drafts, owner) {
    const plan = await planSave(drafts, owner);
    const isPlain = plan.rows.some((row) => !row.box);
    return database.write(["phone", "devices", "events", "keys"], async (tables) => {
      const account = await tables.phone.get("account");
      if (!account) throw new PhoneError("signed-out", "Nobody is signed in on this phone.");
      const isOther = drafts.some((draft) => draft.owner && draft.owner !== owner);
      if (account.session.account !== owner || isOther) {
        throw new PhoneError("account-changed", "Somebody else has signed in on this phone.");
      }
      if (!isSameDevice(await tables.devices.get(owner), plan.before)) return null;
      const serverTime = await tables.phone.get("server_time");
      if (isBehind(serverTime, plan.at) !== plan.clockBehind) return null;
      // Another tab has just signed in. But a key that is here and cannot be used stops nobody.
      const keys = isPlain ? await tables.keys.keys(keysOf(KeyRange, owner)) : [];
      if (isPlain && keys.length !== plan.keyCount) return null;
      for (const row of plan.rows) {
        if (await tables.events.get([owner, row.event_id])) return null;
      }
      for (const row of plan.rows) await tables.events.put(row);
      if (plan.rows.length) await tables.devices.put(plan.device);
      return { saved: plan.rows.map((row) => row.event_id), already: plan.already };
    });
  }

  /** Save drafts and move the device's counter, in one transaction. The same id twice is one event.
   *  Returns {saved, already}; rejects with a PhoneError and then nothing was kept. */
  function save(drafts, { owner }) {
    drafts.forEach(checkDraft);
    // One after the other in this tab: only another tab can be in the way then.
    const mine = saving.then(() => untilDone(() => trySave(drafts, owner)));
    saving = mine.catch(() => {});
    return mine;
  }

  /** The events that wait and can be opened. */
  async function pending(owner) {
    const rows = await database.read(["events"],
      ({ events }) => events.all(keysOf(KeyRange, owner)));
    const opened = await inPieces(rows.filter((row) => row.state === "pending"),
      (row) => openEvent(vault, row));
    return opened.filter((row) => row.body);
  }

  /** Numbers of discarded events that the server has not been told, by device. */
  const untoldDiscards = (owner) => database.read(["discarded"], async ({ discarded }) => {
    const rows = (await discarded.all(keysOf(KeyRange, owner))).filter((row) => !row.epoch);
    const byDevice = new Map();
    for (const { device_id: id, dseq } of rows) {
      const known = byDevice.get(id) ?? [];
      if (known.length < MOST_DISCARDED) byDevice.set(id, [...known, dseq]);
    }
    return byDevice;
  });

  const isStillThat = (row, sent) => row?.state === "pending"
    && row.device_id === sent.device_id && row.dseq === sent.dseq;

  /** New places for events whose number another phone has used, each sealed for its new place.
   *  Where there is no key now they keep their old ones, and it is tried again after a sign-in. */
  async function planMove(owner, sent) {
    const seen = await database.read(["devices", "events"], async (tables) => ({
      device: await tables.devices.get(owner) ?? null,
      rows: await Promise.all(sent.map(({ event_id: id }) => tables.events.get([owner, id]))),
    }));
    const bodies = new Map(sent.map((row) => [row.event_id, row.body]));
    const rows = seen.rows.filter((row, index) => isStillThat(row, sent[index]));
    let { device } = seen;
    const moved = [];
    for (const row of rows.sort((one, other) => one.dseq - other.dseq)) {
      if (!device || device.device_id === row.device_id) {
        device = { ...newDevice(owner, uuid), next_nth: device?.next_nth ?? 1 };
      }
      const { box, reply, ...rest } = row;
      moved.push({ ...rest, device_id: device.device_id, dseq: device.next_dseq, problem: null,
        server_verdict: null, body: bodies.get(row.event_id), was: row });
      device = { ...device, next_dseq: device.next_dseq + 1 };
    }
    const sealed = await Promise.all(moved.map(({ was, ...row }) => sealEvent(vault, row)));
    const isWhole = sealed.every((row, index) => row.box || !moved[index].was.box);
    return { before: seen.device, device: moved.length ? device : null,
      rows: isWhole ? sealed.map((row, index) => [moved[index].was, row]) : [] };
  }

  /** Put what was planned in its place; false where something has changed meanwhile. */
  async function renumber(tables, owner, plan) {
    if (!plan.rows.length) return true;
    if (!isSameDevice(await tables.devices.get(owner), plan.before)) return false;
    for (const [was] of plan.rows) {
      if (!isStillThat(await tables.events.get([owner, was.event_id]), was)) return false;
    }
    for (const [, row] of plan.rows) await tables.events.put(row);
    await tables.devices.put(plan.device);
    return true;
  }

  async function acknowledge(tables, row, result, { epoch, isSignedIn, said }) {
    // Of an account that has signed out meanwhile no plain copy stays.
    if (!isSignedIn && !row.box) return tables.events.remove([row.owner, row.event_id]);
    return tables.events.put({
      ...row, state: "acknowledged", epoch, seq: result.seq ?? null,
      received_at: result.received_at ?? null, acknowledged_at: now().getTime(), ...said,
    });
  }

  const verdictOf = ({ level, reasons }) => (level ? { level, reasons: reasons ?? [] } : null);

  /** What each result says, sealed for its row, by event id. */
  async function sayings(sent, results) {
    const found = await Promise.all(sent.map(async (row) => {
      const result = results.get(row.event_id);
      switch (outcomeOf(result)) {
        case "acknowledged":
          return sealReply(vault, row, { server_verdict: verdictOf(result) });
        case "rejected":
          return sealReply(vault, row, { problem: result.problem });
        case "deferred":
          return sealReply(vault, row, { problem: { ...result.problem, is_deferred: true } });
        default:
          return null;
      }
    }));
    return new Map(sent.map((row, index) => [row.event_id, found[index]]));
  }

  async function trySettle({ owner, sent, discarded: told, deviceId, reply, results }) {
    const said = await sayings(sent, results);
    const move = await planMove(owner, sent.filter((row) => (
      outcomeOf(results.get(row.event_id)) === "renumbered")));
    const stores = ["phone", "events", "devices", "discarded", "record", "drafts"];
    return database.write(stores, async (tables) => {
      const counts = { acknowledged: 0, rejected: 0, deferred: 0, unknown: 0,
        renumbered: move.rows.length, erased: 0, reopened: 0 };
      if (!await renumber(tables, owner, move)) return null;
      const account = await tables.phone.get("account");
      const isSignedIn = account?.session.account === owner;
      const { epoch } = reply;
      for (const one of sent) {
        const id = one.event_id;
        const row = await tables.events.get([owner, id]);
        const result = results.get(id);
        const outcome = outcomeOf(result);
        if (outcome === "renumbered" || !isStillThat(row, one)) continue;
        // Sealed since it was read: what was said of it then was made for a plain row.
        if (Boolean(row.box) !== Boolean(one.box)) return null;
        counts[outcome] += 1;
        if (outcome === "acknowledged") {
          await acknowledge(tables, row, result, { epoch, isSignedIn, said: said.get(id) });
        } else if (outcome === "rejected") {
          await tables.events.put({ ...row, state: "rejected", ...said.get(id) });
        } else if (outcome === "deferred") {
          await tables.events.put({ ...row, ...said.get(id) });
        } else if (outcome === "erased") {
          await tables.events.remove([owner, id]);
          await purgeFromRecord(tables.record, { owner, eventId: id, KeyRange });
          await tables.drafts.remove(keysOf(KeyRange, owner)); // what was begun goes with the rest
        }
      }
      for (const dseq of told) {
        const key = [owner, deviceId, dseq];
        const row = await tables.discarded.get(key);
        if (row) await tables.discarded.put({ ...row, epoch });
      }
      counts.reopened = await reopenOtherEpochs(tables, { owner, epoch, KeyRange });
      if (isSignedIn && account.session.epoch !== epoch) {
        await tables.phone.put({ ...account, session: { ...account.session, epoch } });
      }
      await noteServerTime(tables.phone, reply.received_at);
      return counts;
    });
  }

  /** The rows that were sent, as they lie on disk now. */
  async function again(owner, sent) {
    const rows = await database.read(["events"], ({ events }) => Promise.all(
      sent.map(({ event_id: id }) => events.get([owner, id]))));
    return Promise.all(sent.map((one, index) => (
      isStillThat(rows[index], one) ? openEvent(vault, rows[index]) : one)));
  }

  /** Mark what one reply said, all of it in one transaction. `results` maps event_id → result;
   *  an event without one stays as it was. Returns counts by outcome. */
  async function settle({ sent, ...how }) {
    let rows = sent;
    return untilDone(async () => {
      const counts = await trySettle({ ...how, sent: rows });
      if (counts === null) rows = await again(how.owner, sent);
      return counts;
    });
  }

  /** A note on one pending event: "too-large" ends its journey, "not-understood" does not. */
  async function mark({ owner, row: sent, problem, state }) {
    const said = await sealReply(vault, sent, { problem });
    await database.write(["events"], async ({ events }) => {
      const row = await events.get([owner, sent.event_id]);
      if (isStillThat(row, sent) && Boolean(row.box) === Boolean(sent.box)) {
        await events.put({ ...row, state, ...said });
      }
    });
  }

  /** Drop a rejected event; its number is told to the server so that it is not missed. */
  const discard = (owner, eventId) => database.write(["events", "discarded"],
    async ({ events, discarded }) => {
      const row = await events.get([owner, eventId]);
      if (row?.state !== "rejected") return false;
      await events.remove([owner, eventId]);
      await discarded.put({ owner, device_id: row.device_id, dseq: row.dseq, v: 1, epoch: null });
      return true;
    });

  return { save, pending, untoldDiscards, settle, mark, discard };
}

/** What one result means to the phone (check-in-sync/1, section 3). */
export function outcomeOf(result) {
  const kind = result?.problem?.kind;
  switch (result?.status) {
    case "stored":
    case "duplicate":
      return "acknowledged";
    case "deferred":
      return "deferred";
    case "rejected":
      if (kind === "device-conflict") return "renumbered";
      if (kind === "erased") return "erased";
      return typeof kind === "string" ? "rejected" : "unknown";
    default:
      return "unknown";
  }
}
