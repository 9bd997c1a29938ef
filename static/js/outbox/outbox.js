// The outbox: every saved event, its number on this device, and what became of it.
// No network here. Each function is one transaction.

import { isBehind, noteServerTime, reopenOtherEpochs } from "../store/accounts.js";
import { PhoneError } from "../store/problems.js";
import { purgeFromRecord } from "../store/record.js";
import { keysOf } from "../store/schema.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const KINDS = new Set(["start", "create", "amend", "retract", "called"]);
const EVENT_FIELDS = ["kind", "supersedes", "treatment_id", "form_version", "rules_version",
  "recorded_at", "time_zone", "local_date", "clock_behind", "answers"];
const ENVELOPE_BYTES = 2048;
const MOST_DISCARDED = 500;
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

const newDevice = (owner, uuid) => ({ owner, v: 1, device_id: uuid(), next_dseq: 1, next_nth: 1 });

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

export function createOutbox({ database, KeyRange, now, uuid }) {
  /** Save drafts and move the device's counter, in one transaction. The same id twice is one event.
   *  Returns {saved, already}; rejects with a PhoneError and then nothing was kept. */
  function save(drafts, { owner }) {
    drafts.forEach(checkDraft);
    return database.write(["phone", "devices", "events"], async ({ phone, devices, events }) => {
      const account = await phone.get("account");
      if (!account) throw new PhoneError("signed-out", "Nobody is signed in on this phone.");
      const isOther = drafts.some((draft) => draft.owner && draft.owner !== owner);
      if (account.session.account !== owner || isOther) {
        throw new PhoneError("account-changed", "Somebody else has signed in on this phone.");
      }
      const at = now();
      const clockBehind = isBehind(await phone.get("server_time"), at);
      const device = await devices.get(owner) ?? newDevice(owner, uuid);
      const done = { saved: [], already: [] };
      for (const draft of drafts) {
        if (await events.get([owner, draft.event_id])) {
          done.already.push(draft.event_id);
          continue;
        }
        await events.put({
          owner, event_id: draft.event_id, v: 1,
          device_id: device.device_id, dseq: device.next_dseq, nth: device.next_nth,
          saved_at: at.getTime(), state: "pending", problem: null, epoch: null, seq: null,
          received_at: null, acknowledged_at: null, server_verdict: null,
          body: bodyOf(draft, { clockBehind }),
        });
        device.next_dseq += 1;
        device.next_nth += 1;
        done.saved.push(draft.event_id);
      }
      if (done.saved.length) await devices.put(device);
      return done;
    });
  }

  const pending = (owner) => database.read(["events"], async ({ events }) => (
    await events.all(keysOf(KeyRange, owner))).filter((row) => row.state === "pending"));

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

  async function renumber(tables, owner, rows) {
    if (!rows.length) return;
    let device = await tables.devices.get(owner);
    for (const row of [...rows].sort((one, other) => one.dseq - other.dseq)) {
      if (!device || device.device_id === row.device_id) {
        device = { ...newDevice(owner, uuid), next_nth: device?.next_nth ?? 1 };
      }
      await tables.events.put({ ...row, device_id: device.device_id, dseq: device.next_dseq,
        problem: null });
      device.next_dseq += 1;
    }
    await tables.devices.put(device);
  }

  async function acknowledge(tables, row, result, { epoch, isSignedIn }) {
    // Of an account that has signed out meanwhile no plain copy stays.
    if (!isSignedIn) return tables.events.remove([row.owner, row.event_id]);
    return tables.events.put({
      ...row, state: "acknowledged", epoch, seq: result.seq ?? null,
      received_at: result.received_at ?? null, acknowledged_at: now().getTime(), problem: null,
      server_verdict: result.level
        ? { level: result.level, reasons: result.reasons ?? [] } : null,
    });
  }

  /** Mark what one reply said, all of it in one transaction. `results` maps event_id → result;
   *  an event without one stays as it was. Returns counts by outcome. */
  function settle({ owner, sent, discarded: told, deviceId, reply, results }) {
    const stores = ["phone", "events", "devices", "discarded", "record"];
    return database.write(stores, async (tables) => {
      const counts = { acknowledged: 0, rejected: 0, deferred: 0, unknown: 0, renumbered: 0,
        erased: 0, reopened: 0 };
      const account = await tables.phone.get("account");
      const isSignedIn = account?.session.account === owner;
      const { epoch } = reply;
      const conflicts = [];
      for (const { event_id: id, device_id: device, dseq } of sent) {
        const row = await tables.events.get([owner, id]);
        const result = results.get(id);
        const isSame = row?.state === "pending" && row.device_id === device && row.dseq === dseq;
        if (!isSame) continue;
        const outcome = outcomeOf(result);
        counts[outcome] += 1;
        if (outcome === "acknowledged") {
          await acknowledge(tables, row, result, { epoch, isSignedIn });
        } else if (outcome === "rejected") {
          await tables.events.put({ ...row, state: "rejected", problem: result.problem });
        } else if (outcome === "deferred") {
          await tables.events.put({ ...row, problem: { ...result.problem, is_deferred: true } });
        } else if (outcome === "erased") {
          await tables.events.remove([owner, id]);
          await purgeFromRecord(tables.record, { owner, eventId: id, KeyRange });
        } else if (outcome === "renumbered") {
          conflicts.push(row);
        }
      }
      await renumber(tables, owner, conflicts);
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

  /** A note on one pending event: "too-large" ends its journey, "not-understood" does not. */
  const mark = ({ owner, eventId, problem, state }) => database.write(["events"],
    async ({ events }) => {
      const row = await events.get([owner, eventId]);
      if (row?.state === "pending") await events.put({ ...row, state, problem });
    });

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
