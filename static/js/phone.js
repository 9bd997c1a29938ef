// The phone as pages see it: who is signed in, what was saved, what was sent, what came back.
// Puts the parts together; each part's own rules live in store/ and outbox/.

import { createApi } from "./api.js";
import { createOutbox, wireEvent } from "./outbox/outbox.js";
import { askForBackgroundSync, attachTriggers } from "./outbox/triggers.js";
import { breathe, PIECE } from "./store/breath.js";
import { createAccounts, isSession, sessionOf } from "./store/accounts.js";
import { earlierFor, findThread, foldCheckIns } from "./store/check_ins.js";
import { createDatabase, restWhileFrozen } from "./store/database.js";
import { createDrafts } from "./store/drafts.js";
import { PhoneError } from "./store/problems.js";
import { createRecord } from "./store/record.js";
import { DATABASE_NAME, MIGRATIONS, STORE_NAMES } from "./store/schema.js";
import { asBase64 } from "./store/sealing.js";
import { EMPTY, isClockBehind, readSnapshot, waitingOf } from "./store/snapshot.js";
import { stampOf } from "./store/stamp.js";
import { createVault } from "./store/vault.js";
import { spoken } from "./ui/language.js";

const CHANNEL = "prolo-aftercare";
const ANOTHER_TAB_MS = 2000;
const SOONEST_MS = 1000;
const SIGN_OUT_WITHIN_MS = 8000;
const WITHOUT_PARTS_MS = 60_000;
const RETRIED = new Set(["offline", "not-ours", "server-busy", "storage-full", "deferred",
  "not-understood", "account-mismatch", "client-too-old", "waiting"]);

export { PhoneError };

function timerOf(window) {
  return (work, delay) => {
    const id = window.setTimeout(work, delay);
    return () => window.clearTimeout(id);
  };
}

function uuidOf(crypto) {
  return () => {
    if (crypto.randomUUID) return crypto.randomUUID(); // absent outside secure contexts
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20),
      hex.slice(20)].join("-");
  };
}

/** IndexedDB of this window, or null where the browser throws at the mere question. */
function storageOf(window) {
  try {
    return window.indexedDB ?? null;
  } catch {
    return null;
  }
}

/** Other tabs of this app. Browsers without a channel find out at the next look. */
function createOtherTabs(window, onMessage) {
  if (!window.BroadcastChannel) return { tell() {}, close() {} };
  let channel;
  try {
    channel = new window.BroadcastChannel(CHANNEL);
  } catch {
    return { tell() {}, close() {} }; // every storage is refused, and this counts as one
  }
  channel.onmessage = ({ data }) => onMessage(data);
  return { tell: (message) => channel.postMessage(message), close: () => channel.close() };
}

const refusal = ({ outcome, kind, detail = "", field = null, retry_after_s: wait = null }) => ({
  ok: false, kind: outcome === "problem" ? kind : { "no-answer": "offline" }[outcome] ?? "not-ours",
  detail, field, retry_after_s: wait,
});

/** A row that could not be opened, as a file can carry it. */
const asSealedText = ({ event_id, device_id, dseq, saved_at: at, state, box }) => ({
  event_id, device_id, dseq, saved_at: new Date(at).toISOString(), state,
  box: box && { kid: box.kid, key_device_id: box.key_device_id, iv: asBase64(box.iv ?? []),
    ciphertext: asBase64(box.ciphertext ?? []) },
});

/** Open the phone. Never rejects: with storage refused `phone.storage` says so, the account comes
 *  from the network, and `save` rejects. Everything it needs can be handed in. */
export async function openPhone({
  assets = "", window = globalThis, language = spoken(window.document),
  indexedDB = storageOf(window),
  KeyRange = window.IDBKeyRange, fetch = window.fetch.bind(window),
  now = () => new Date(), random = Math.random, locks = window.navigator?.locks ?? null,
  setTimer = timerOf(window), crypto = window.crypto, uuid = uuidOf(crypto),
} = {}) {
  let storage = { ok: true };
  let snapshot = EMPTY;
  let visitor = null; // the account of this page only, where nothing can be stored
  let folded = null;
  let isSending = false;
  let stopTriggers = null;
  let cancelRetry = () => {};
  let running = null;
  let sending = null;
  let isClosed = false;
  const fetched = {}; // by name: guidance, phrases
  let looks = 0;
  let shownLook = 0;
  const listeners = new Set();

  const database = createDatabase({ indexedDB, name: DATABASE_NAME, migrations: MIGRATIONS,
    storeNames: STORE_NAMES, setTimer,
    onState(state) {
      if (state.ok === storage.ok && state.reason === storage.reason) return;
      storage = state;
      emit("storage");
    } });
  const stopResting = restWhileFrozen(window, database);
  const stamp = () => stampOf(now());
  const api = createApi({ fetch, setTimer, now });
  const vault = createVault({ database, KeyRange, crypto });
  const accounts = createAccounts({ database, KeyRange, now, vault });
  const outbox = createOutbox({ database, KeyRange, now, uuid, vault });
  const record = createRecord({ database, KeyRange, now, vault });
  const drafts = createDrafts({ database, vault });
  const otherTabs = createOtherTabs(window, ({ what }) => { look(what).catch(() => {}); });

  function emit(what) {
    for (const listener of [...listeners]) {
      try {
        listener({ what });
      } catch (error) {
        window.console.error("onChange:", error);
      }
    }
  }

  async function reread() {
    looks += 1;
    const mine = looks;
    const seen = await readSnapshot({ database, KeyRange, vault });
    const isMuch = seen.events.length + seen.record.length > PIECE;
    if (isMuch) await breathe();
    if (mine < shownLook) return; // a later look was quicker with its boxes
    shownLook = mine;
    snapshot = seen;
    folded = null;
    if (!isMuch) return;
    fold();
    await breathe(); // folding a year and drawing it are two tasks
  }

  /** Something changed on disk: read it again and say so, here … */
  async function look(what) {
    if (isClosed) return;
    await reread();
    emit(what);
  }

  /** … and in other tabs. */
  async function changed(what) {
    if (isClosed) return;
    otherTabs.tell({ what });
    await look(what);
  }

  const fold = () => {
    folded ??= foldCheckIns(snapshot);
    return folded;
  };
  const account = () => snapshot.account ?? visitor;
  const owner = () => account()?.account ?? null;

  // --- sending ---------------------------------------------------------------------------------

  /** {desk, sealOld, sender}, loaded when there is somebody to send for. */
  async function sendingParts() {
    sending ??= import("./outbox/sending.js").then(({ createSending }) => createSending({
      database, KeyRange, vault, api, locks, now, uuid, accounts, outbox, record, stamp, random,
      hasPlain: () => snapshot.has_plain,
      hasLostChanges: (who) => snapshot.lost_changes > 0 && snapshot.account?.account === who,
      onProgress: (what) => { changed(what).catch(() => {}); },
    }));
    try {
      return await sending;
    } catch (error) {
      sending = null;
      throw new PhoneError("offline", String(error.message));
    }
  }

  const untilNext = () => sendingParts().then(({ sender }) => sender.untilNext())
    .catch(() => WITHOUT_PARTS_MS);

  const isSomebodyHere = async () => (
    await accounts.current() !== null || accounts.owesSignOut());

  function retryIn(delay, options) {
    cancelRetry();
    if (isClosed || !stopTriggers) return;
    cancelRetry = setTimer(() => kick(options), Math.max(SOONEST_MS, delay));
  }

  async function runOnce(options) {
    isSending = true;
    emit("sending");
    try {
      if (!await isSomebodyHere()) return "nothing-to-send";
      const { sender } = await sendingParts();
      return await sender.run({ ...options, wire: wireEvent });
    } catch (error) {
      return error instanceof PhoneError ? error.kind : Promise.reject(error);
    } finally {
      isSending = false;
      if (!isClosed) await reread().catch(() => {});
      emit("sending");
    }
  }

  async function sendAndPlan(options) {
    const result = await runOnce(options);
    if (result === null) retryIn(ANOTHER_TAB_MS, { reason: "turn" });
    else if (RETRIED.has(result)) retryIn(await untilNext(), { reason: "retry" });
    else cancelRetry();
    return result;
  }

  /** One run after the other in this tab; the one asked for last sees everything saved before. */
  function kick({ byPerson = false, withSession = false } = {}) {
    if (isClosed || !storage.ok) return Promise.resolve("storage-refused");
    const before = running ?? Promise.resolve();
    const mine = before.then(() => sendAndPlan({ byPerson, withSession })).catch((error) => {
      window.console.error("sending:", error);
      return "failed";
    });
    running = mine;
    mine.then(() => { if (running === mine) running = null; });
    return mine;
  }

  // --- saving ----------------------------------------------------------------------------------

  async function save(given) {
    const list = Array.isArray(given) ? given : [given];
    if (!owner()) throw new PhoneError("signed-out", "Nobody is signed in on this phone.");
    if (!snapshot.account) throw new PhoneError("storage-refused", "This phone cannot save.");
    const done = await outbox.save(list, { owner: owner() });
    await changed("check-ins").catch(() => {}); // it is saved, whatever the screen can show
    if (stopTriggers) {
      askForBackgroundSync(window.navigator);
      kick({ byPerson: true });
    }
    return done;
  }

  // --- accounts --------------------------------------------------------------------------------

  /** Whether the server heard that the session is over; where not, it is told at the next start. */
  async function endSession() {
    const reply = await api.post("/api/v1/sign-out", undefined, { within: SIGN_OUT_WITHIN_MS });
    const isEnded = reply.outcome === "ok";
    if (isEnded && storage.ok) await accounts.settleSignOut();
    return isEnded;
  }

  /** The password was right, but there is no key for this phone: then nobody is signed in. */
  async function turnBack(reply) {
    if (!snapshot.account) await accounts.oweSignOut();
    await endSession();
    const told = refusal(reply ?? { outcome: "not-ours" });
    return told.kind === "offline" ? told : { ...told, kind: "no-key" };
  }

  async function welcome(reply) {
    if (reply.outcome !== "ok" || !isSession(reply.body)) return refusal(reply);
    try {
      const { desk } = await sendingParts();
      const brought = await desk.bring(reply.body);
      if (!brought.isIn) return turnBack(brought.reply);
      if (reply.body.role === "patient" && !vault.canSeal) {
        throw new PhoneError("storage-refused", "This browser cannot seal what it keeps.");
      }
      await accounts.take(reply.body, { byPerson: true, brought });
      await changed("account");
    } catch (error) {
      visitor = sessionOf(reply.body);
      emit("account");
      if (storage.ok) return { ok: false, kind: error.kind, detail: error.detail, field: null,
        retry_after_s: null };
    }
    window.navigator.storage?.persist?.().catch(() => {});
    if (stopTriggers) kick({ byPerson: true });
    return { ok: true, account: account() };
  }

  /** Whatever way of signing in: what answers with a session signs this phone in. */
  async function signInBy(path, body) {
    try {
      await sendingParts();
    } catch {
      return refusal({ outcome: "no-answer" }); // before a session is made that nobody can use
    }
    return welcome(await api.post(path, body));
  }

  const signIn = ({ username, password }) => signInBy("/api/v1/sign-in", { username, password });

  const join = ({ code, username, password }) => (
    signInBy("/api/v1/join", { code, username, password }));

  async function refreshSession() {
    const reply = await api.get("/api/v1/session");
    if (reply.outcome === "ok" && isSession(reply.body)) {
      try {
        const isKnownOnly = await accounts.owesSignOut();
        const { desk } = await sendingParts();
        const brought = await desk.bring(reply.body);
        if (!brought.isIn && owner() !== reply.body.account) return refusal(brought.reply);
        const taken = await accounts.take(reply.body, { isKnownOnly, brought });
        if (!taken) return { ok: false, kind: "signed-out", detail: "" };
        await changed("account");
      } catch {
        visitor = sessionOf(reply.body);
        emit("account");
      }
      return { ok: true, account: account() };
    }
    if (reply.outcome === "problem" && reply.status === 401) {
      visitor = null;
      if (snapshot.account) await accounts.markOver(owner());
      if (storage.ok) await changed("account");
    }
    return refusal(reply);
  }

  async function signOut({ keep = "sealed" } = {}) {
    visitor = null;
    if (storage.ok) {
      const mine = owner();
      if (mine) await sendingParts().then(({ sealOld }) => sealOld(mine)).catch(() => {});
      await accounts.forget({ keep });
      await changed("account");
    }
    return { ok: true, is_ended_on_server: await endSession() };
  }

  async function lookAtInvite({ code }) {
    const reply = await api.post("/api/v1/join/look", { code });
    return reply.outcome === "ok" ? { ok: true, invite: reply.body } : refusal(reply);
  }

  async function suggestPassword() {
    const reply = await api.post("/api/v1/password/suggest", {});
    return reply.outcome === "ok" && typeof reply.body.password === "string"
      ? { ok: true, password: reply.body.password } : refusal(reply);
  }

  // --- the rest --------------------------------------------------------------------------------

  async function fetchWords(name, file) {
    try {
      const response = await fetch(`${assets}/guidance/${file}.json`, { redirect: "error" });
      if (!response.ok) throw new Error(`status ${response.status}`);
      return await response.json();
    } catch (error) {
      fetched[name] = null; // the next question asks again
      throw new PhoneError("guidance-missing", String(error.message));
    }
  }

  async function discard(eventId) {
    const isGone = await outbox.discard(owner(), eventId);
    if (isGone) {
      await changed("check-ins");
      if (stopTriggers) kick({ byPerson: true });
    }
    return isGone;
  }

  async function keepDraft(name, value) {
    if (!snapshot.account || !await drafts.keep(owner(), name, value)) return false;
    otherTabs.tell({ what: "drafts" });
    return true;
  }

  async function dropDraft(name) {
    if (!snapshot.account) return;
    await drafts.drop(owner(), name);
    otherTabs.tell({ what: "drafts" });
  }

  function exportUnsent() {
    const rows = snapshot.events.filter((row) => row.state !== "acknowledged");
    return {
      format: "prolo-aftercare-unsent/1", made_at: stamp().recorded_at, account: owner(),
      display_name: account()?.display_name ?? null,
      events: rows.sort((one, other) => one.nth - other.nth)
        .map((row) => ({ ...wireEvent(row), state: row.state, problem: row.problem })),
      sealed: snapshot.unreadable.map(asSealedText),
    };
  }

  function startSending() {
    if (stopTriggers || isClosed) return;
    stopTriggers = () => {};
    stopTriggers = attachTriggers({ window, setTimer, kick: comeBack });
  }

  /** iOS and the back-forward cache wake a page that slept while others changed the disk. */
  async function comeBack(options) {
    if (options.reason !== "start") await look("account").catch(() => {});
    return kick(options);
  }

  try {
    await reread();
  } catch {
    await refreshSession().catch(() => {});
  }

  return {
    get storage() { return storage; },
    account,
    isSessionOver: () => snapshot.is_over,
    isTooOld: () => snapshot.sender?.last_try_result === "client-too-old",
    clinic: () => snapshot.clinic,
    treatments: () => fold().treatments,
    checkIns: () => fold().threads,
    checkIn: (eventId) => findThread(fold().threads, eventId),
    checkInCount: () => fold().threads.filter((thread) => !thread.is_retracted).length,
    waiting: () => waitingOf(snapshot, { isSending }),
    earlierFor: ({ treatment_id: treatmentId, before_event_id: beforeEventId = null }) => (
      earlierFor(fold(), { treatmentId, beforeEventId })),
    isClockBehind: () => isClockBehind(snapshot, now()),
    now, stamp, newEventId: uuid,
    guidance: () => (fetched.guidance ??= fetchWords("guidance", language)),
    /** What screens say, a third of it: for pages that a stranger sees first. */
    phrases: () => (fetched.guidance?.then((all) => all.phrases)
      ?? (fetched.phrases ??= fetchWords("phrases", `${language}.phrases`))),
    save, discard, exportUnsent,
    signIn, signInBy, join, lookAtInvite, suggestPassword, signOut, refreshSession,
    async sendNow() {
      const result = await kick({ byPerson: true, withSession: snapshot.is_over });
      return { result, waiting: waitingOf(snapshot, { isSending }) };
    },
    draft: async (name) => (snapshot.account ? drafts.read(owner(), name) : null),
    keepDraft, dropDraft,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    startSending,
    close() {
      isClosed = true;
      stopTriggers?.();
      cancelRetry();
      otherTabs.close();
      stopResting();
      database.close();
    },
  };
}
