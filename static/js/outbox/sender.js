// Sends what waits in the outbox and then reads what changed. Keeps every entry until the server
// says of that very entry that it is kept there; no answer to a whole request ever drops one.

import { isPage } from "../store/record.js";
import { PROTOCOL } from "../api.js";
import { isSession } from "../store/accounts.js";
import { NEVER_TRIED, afterFailure, waitLeft } from "./backoff.js";
import { cutIntoBatches } from "./outbox.js";
import { readFailure, readSyncReply } from "./replies.js";

const BATCH_EVENTS = 100;
const BATCH_BYTES = 256 * 1024;
const PAGE = 200;
const MOST_ROUNDS = 4;
const POISON_IN_A_ROW = 3;

/** Ends a run early. `result` is one of the words of waiting().last_try_result. */
class Stop extends Error {
  constructor(result, { reply = null, isQuiet = false } = {}) {
    super(result);
    this.result = result;
    this.reply = reply;
    this.isQuiet = isQuiet; // true: not a failure of the line, so no backoff
  }
}

const isNotThere = (reply) => reply?.outcome === "problem" && reply.status === 404;

const halves = (batch) => {
  const middle = Math.ceil(batch.length / 2);
  return [batch.slice(0, middle), batch.slice(middle)];
};

/** `run({byPerson})` → the result word, or null where another tab is sending. */
export function createSender({ database, accounts, outbox, record, api, turn, now, stamp, random,
  desk, vault, sealOld, hasPlain = () => false, hasLostChanges = () => false,
  onProgress = () => {} }) {
  const time = () => now().getTime();

  const plan = () => database.read(["phone"],
    async ({ phone }) => ({ ...NEVER_TRIED, ...await phone.get("sender") }));

  const keepPlan = (change) => database.write(["phone"], async ({ phone }) => {
    const known = { ...NEVER_TRIED, ...await phone.get("sender") };
    await phone.put({ ...known, ...change, name: "sender", v: 1 });
  });

  /** Ask who is signed in. Takes a change of account or epoch in. */
  async function readSession(owner) {
    const reply = await api.get("/api/v1/session");
    if (reply.outcome === "ok" && isSession(reply.body)) {
      const brought = await desk.bring(reply.body);
      // Another account without a key is not taken in; this one goes on with what it has.
      if (!brought.isIn && reply.body.account !== owner) {
        // That one is erased and will never have a key: whose phone this is has to sign in again.
        if (isNotThere(brought.reply)) await askToSignIn(owner);
        await failed(brought.reply, owner);
      }
      const taken = await accounts.take(reply.body, { isKnownOnly: true, brought });
      if (!taken) throw new Stop("nothing-to-send", { isQuiet: true }); // signed out meanwhile
      onProgress("account");
      return taken;
    }
    await failed(reply, owner);
    return null;
  }

  async function askToSignIn(owner) {
    await accounts.markOver(owner);
    onProgress("account");
    throw new Stop("sign-in-required", { isQuiet: true });
  }

  /** Turn a reply that settled nothing into the end of this run. */
  async function failed(reply, owner) {
    const { act, result } = readFailure(reply);
    if (act === "sign-in") await askToSignIn(owner);
    throw new Stop(result, { reply });
  }

  function limitsOf(session, { batchSize }) {
    const { batch_events: events, batch_bytes: size } = session.limits ?? {};
    const most = Number.isInteger(events) && events > 0 ? events : BATCH_EVENTS;
    return { mostEvents: Math.min(most, batchSize ?? most),
      mostBytes: Number.isInteger(size) && size > 0 ? size : BATCH_BYTES };
  }

  /** The work of one round, each piece {rows, discarded, deviceId}. */
  async function workFor(session) {
    const owner = session.account;
    const { batch_size: batchSize } = await plan();
    const rows = await outbox.pending(owner);
    const untold = await outbox.untoldDiscards(owner);
    const work = cutIntoBatches(rows, limitsOf(session, { batchSize }))
      .map((batch) => ({ rows: batch, deviceId: batch[0].device_id, discarded: [] }));
    for (const [deviceId, discarded] of untold) {
      const first = work.find((piece) => piece.deviceId === deviceId);
      if (first) first.discarded = discarded;
      else work.push({ rows: [], deviceId, discarded });
    }
    return work;
  }

  function post(owner, { rows, deviceId, discarded }, wire) {
    const body = { protocol: PROTOCOL, account: owner, device_id: deviceId,
      sent_at: stamp().recorded_at, events: rows.map(wire) };
    if (discarded.length) body.discarded = discarded;
    return api.post("/api/v1/sync", body);
  }

  /** Two smaller pieces, or null where it cannot get smaller. */
  function split(piece) {
    if (piece.rows.length > 1) {
      return halves(piece.rows).map((rows, index) => (
        { ...piece, rows, discarded: index === 0 ? piece.discarded : [] }));
    }
    if (piece.rows.length === 1 && piece.discarded.length) {
      return [{ ...piece, discarded: [] }, { ...piece, rows: [] }];
    }
    return null;
  }

  const markOne = async (owner, piece, kind, state, detail) => {
    if (!piece.rows.length) return;
    await outbox.mark({ owner, row: piece.rows[0], state,
      problem: { kind, field: null, detail } });
  };

  /** A piece that was refused as a whole and cannot get smaller. */
  async function giveUpOn(owner, piece, act, reply) {
    if (act === "smaller" && reply.outcome === "problem") {
      await markOne(owner, piece, "too-large", "rejected", reply.detail);
    } else if (act === "bisect") {
      await markOne(owner, piece, "not-understood", "pending", reply.detail);
    }
  }

  async function settle(session, piece, reply, read) {
    const counts = await outbox.settle({ owner: session.account, sent: piece.rows,
      discarded: piece.discarded, deviceId: piece.deviceId, reply: read, results: read.results });
    onProgress("check-ins");
    return counts;
  }

  /** A slow line: halve what one request carries, and double it again when it goes through. */
  async function smallerNextTime(piece) {
    if (piece.rows.length > 1) {
      await keepPlan({ batch_size: Math.ceil(piece.rows.length / 2) });
    }
  }

  async function largerNextTime() {
    const { batch_size: size } = await plan();
    if (size) await keepPlan({ batch_size: size * 2 < BATCH_EVENTS ? size * 2 : null });
  }

  /** Send one round. Returns {isAgain, isSent, lastProblem, stop}: another round is due now;
   *  something was taken; what went wrong; why no more was tried (what changed is read all the
   *  same: entries that nobody can read must not keep the phone from hearing). */
  async function sendRound(session, { wire, renew }) {
    const owner = session.account;
    const work = await workFor(session);
    const round = { isAgain: false, isSent: false, lastProblem: null, stop: null };
    let refusedInARow = 0;
    while (work.length) {
      if (!await renew()) throw new Stop("sent", { isQuiet: true });
      const piece = work.shift();
      const reply = await post(owner, piece, wire);
      const read = readSyncReply(reply, new Set(piece.rows.map((row) => row.event_id)));
      if (read) {
        const counts = await settle(session, piece, reply, read);
        refusedInARow = 0;
        round.isSent ||= counts.acknowledged > 0;
        round.isAgain ||= counts.renumbered > 0 || counts.reopened > 0;
        if (counts.deferred) round.lastProblem = "deferred";
        if (counts.unknown) round.lastProblem = "not-ours";
        continue;
      }
      const { act, result } = readFailure(reply);
      if (act !== "smaller" && act !== "bisect") {
        if (reply.is_timeout) await smallerNextTime(piece);
        if (act === "mismatch") throw new Stop("account-mismatch", { reply });
        await failed(reply, owner);
      }
      const pieces = split(piece);
      if (pieces) {
        work.unshift(...pieces);
        continue;
      }
      await giveUpOn(owner, piece, act, reply);
      round.lastProblem = result;
      if (act === "bisect" || reply.outcome !== "problem") refusedInARow += 1;
      // Three single entries in a row refused: it is the envelope, or nothing but such is left.
      if (refusedInARow >= POISON_IN_A_ROW) {
        round.stop = new Stop(result, { reply });
        break;
      }
    }
    if (round.isSent) await largerNextTime();
    return round;
  }

  async function pullPage(session, at) {
    const query = new URLSearchParams({ after: at.after, epoch: at.epoch, limit: PAGE,
      clinic: at.clinic_version });
    return api.get(`/api/v1/changes?${query}`);
  }

  /** Read `changes` to the end. Returns {isAgain}: events became pending again on the way. */
  async function pull(session, { renew }) {
    const owner = session.account;
    let isAgain = false;
    let restarts = 0;
    if (!await vault.has(owner)) return { isAgain }; // nothing is kept that cannot be sealed
    if (hasLostChanges(owner)) await record.restart(owner, session.epoch);
    for (;;) {
      if (!await renew()) return { isAgain: false };
      const known = await record.place(owner);
      if (known.epoch !== null && known.epoch !== session.epoch) {
        await record.restart(owner, session.epoch);
        continue;
      }
      const at = { ...known, epoch: session.epoch };
      const reply = await pullPage(session, at);
      const isGood = reply.outcome === "ok" && reply.status === 200;
      if (isGood && isPage(reply.body, at) && reply.body.account !== owner) {
        throw new Stop("account-mismatch", { reply });
      }
      if (isGood && isPage(reply.body, at) && reply.body.epoch === at.epoch) {
        const taken = await record.takePage(owner, at, reply.body);
        isAgain ||= taken.reopened > 0;
        if (taken.is_record_changed) onProgress("record");
        if (!taken.is_taken || !reply.body.more) return { isAgain };
        continue;
      }
      const isOtherEpoch = (isGood && typeof reply.body.epoch === "string"
        && reply.body.epoch !== at.epoch) || readFailure(reply).act === "restart";
      restarts += 1;
      if (!isOtherEpoch || restarts > 2) await failed(reply, owner);
      const taken = await readSession(owner);
      if (taken.is_switched) return { isAgain: true };
      isAgain ||= taken.reopened > 0;
      session = taken.session;
      await record.restart(owner, session.epoch);
    }
  }

  /** One whole try: session (where asked), send, read changes, and again while there is reason. */
  async function tryAll({ withSession, wire, renew }) {
    let isMismatchSeen = false;
    let isSessionDue = withSession;
    let isSent = false;
    let lastProblem = null;
    let stop = null;
    for (let round = 0; round < MOST_ROUNDS && !stop; round += 1) {
      const known = await accounts.current();
      if (!known) return "nothing-to-send";
      if (isSessionDue || known.session.epoch === null) {
        await readSession(known.session.account);
        isSessionDue = false;
      } else if (known.is_over) {
        throw new Stop("sign-in-required", { isQuiet: true });
      }
      const { session } = await accounts.current() ?? {};
      if (!session) return "nothing-to-send";
      if (session.role !== "patient") return "nothing-to-send";
      try {
        const sent = await sendRound(session, { wire, renew });
        isSent ||= sent.isSent;
        lastProblem = sent.lastProblem;
        stop = sent.stop;
        if (sent.isAgain && !stop) continue;
        const pulled = await pull((await accounts.current())?.session ?? session, { renew });
        if (!pulled.isAgain) break;
      } catch (end) {
        // Somebody signed in in another tab: ask once who it is, then decide.
        if (end.result !== "account-mismatch" || isMismatchSeen) throw end;
        isMismatchSeen = true;
        isSessionDue = true;
      }
    }
    if (stop) throw stop;
    if (lastProblem) throw new Stop(lastProblem);
    return isSent ? "sent" : "nothing-to-send";
  }

  /** Let go of what is old. `asked` is when this try began: an answer that slept for a month in a
   *  closed laptop says what the server held then, not what it holds now. */
  async function tidy(asked) {
    const known = await accounts.current();
    if (!known) return;
    const keepDays = known.session.limits?.keep_days;
    await record.prune(known.session.account,
      { asked, ...(Number.isInteger(keepDays) ? { keepDays } : {}) });
    await record.pruneOthers(known.session.account);
  }

  async function note(result, stop) {
    const known = await plan();
    const told = { last_try_at: time(), last_try_result: result };
    if (!stop || stop.isQuiet) {
      await keepPlan({ ...told, ...NEVER_TRIED });
      return;
    }
    const { reply } = stop;
    await keepPlan({ ...told, ...afterFailure(known, { now: time(), random,
      retryAfterS: reply?.retry_after_s ?? null, isOurs: reply?.outcome === "problem" }) });
  }

  async function endOldSession() {
    if (!await accounts.owesSignOut()) return;
    const reply = await api.post("/api/v1/sign-out");
    if (reply.outcome === "ok") await accounts.settleSignOut();
  }

  /** What was written in plain before there was a key. */
  async function sealTheOld() {
    const owner = (await accounts.current())?.session.account;
    if (!owner || !hasPlain() || !await vault.has(owner)) return;
    if (await sealOld(owner)) onProgress("record");
  }

  async function attempt({ byPerson, withSession, wire, renew }) {
    if (!await accounts.current()) {
      await endOldSession();
      return "nothing-to-send";
    }
    const began = time();
    const known = await plan();
    if (waitLeft(known, { now: began, byPerson }) > 0) return "waiting";
    if (byPerson && known.attempts) await keepPlan({ attempts: 0, next_try_at: 0 });
    try {
      await sealTheOld();
      const result = await tryAll({ withSession, wire, renew });
      await sealTheOld();
      await note(result, null);
      await tidy(began);
      return result;
    } catch (stop) {
      if (!(stop instanceof Stop)) throw stop;
      await note(stop.result, stop);
      return stop.result;
    }
  }

  /** One try, if it is this tab's turn. `byPerson` skips the backoff; `withSession` asks first who
   *  is signed in. Resolves to the result word, "waiting" (backing off), or null (another tab). */
  async function run({ byPerson = false, withSession = false, wire }) {
    const done = await turn.alone(({ renew }) => attempt({ byPerson, withSession, wire, renew }));
    onProgress("sending");
    return done ? done.value : null;
  }

  /** Milliseconds until the next try is allowed by itself. */
  const untilNext = async () => waitLeft(await plan(), { now: time() });

  return { run, untilNext, plan, readSession };
}
