// A cabinet of phones in one page. Each opens the real modules over a database, a clock, locks and
// a channel of its profile's own; the line to the server is the `carry` of the test.

const DATABASE = "prolo-aftercare";
const profiles = new Map(); // name → {prefix, at, channels, reader}
const tabs = new Map(); // name → {profile, phone, work, run, held, isDeaf}
const modules = new Map(); // variant → what phone.js exports
const STORES = ["phone", "events", "devices", "discarded", "record", "cursors", "drafts", "keys"];
let uuids = 0;

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

function uuid() {
  uuids += 1;
  return `00000000-0000-4000-8000-${uuids.toString(16).padStart(12, "0")}`;
}

// --- what a phone is given -----------------------------------------------------------------------

const databasesOf = (profile) => ({
  open: (name, version) => (version === undefined
    ? indexedDB.open(profile.prefix + name) : indexedDB.open(profile.prefix + name, version)),
});

/** A tab that is killed lets go of its locks, whatever it was waiting for. One whose lock was stolen
 *  is told so at once, while its run still waits for an answer. */
const locksOf = (profile, tab) => ({
  request: (name, options, work) => navigator.locks.request(profile.prefix + name, options,
    (lock) => {
      const run = work(lock);
      if (lock) tab.run = run;
      return Promise.race([run, tab.killed]);
    }),
});

/** Tabs of one profile hear each other when the test lets them: `hear` delivers. */
function channelOf(profile) {
  return class {
    constructor() {
      this.onmessage = null;
      this.waiting = [];
      profile.channels.add(this);
    }

    postMessage(data) {
      for (const other of profile.channels) if (other !== this) other.waiting.push(data);
    }

    close() {
      profile.channels.delete(this);
    }
  };
}

function windowOf(profile) {
  const own = { BroadcastChannel: channelOf(profile), indexedDB: databasesOf(profile) };
  return new Proxy(window, {
    get(real, name) {
      if (name in own) return own[name];
      const value = real[name];
      const isPlain = typeof value === "function" && !/^[A-Z]/.test(String(name));
      return isPlain ? value.bind(real) : value;
    },
  });
}

/** Timers never run by themselves: an answer comes, or the test gives up in its place. */
function timersOf(tab) {
  return (work, delay) => {
    const timer = { work, delay };
    tab.timers.add(timer);
    return () => tab.timers.delete(timer);
  };
}

function answered({ status, headers, text }) {
  return new Response(status === 204 || status === 304 ? null : text, { status, headers });
}

function fetchOf(name, tab) {
  return (path, options = {}) => new Promise((resolve, reject) => {
    const end = (answer) => (answer.status ? resolve(answered(answer))
      : reject(new TypeError("the line broke")));
    options.signal?.addEventListener("abort", () => {
      tab.held = null;
      reject(new DOMException("given up", "AbortError"));
    });
    carry({ tab: name, profile: tab.profile, method: options.method ?? "GET", path,
      body: options.body ?? null }).then((answer) => {
      if (!answer.is_held) return end(answer);
      tab.held = { end };
      return tab.onHeld();
    });
  });
}

// --- opening and closing -------------------------------------------------------------------------

/** With what a phone loads later: nobody serves files while a step is done. */
async function load(variant) {
  modules.set(variant, await import(`/${variant}/phone.js`));
  await import(`/${variant}/outbox/sending.js`);
}

async function open({ tab: name, profile: where, has_locks: hasLocks, variant }) {
  const profile = profiles.get(where);
  const tab = { profile: where, phone: null, work: null, run: null, held: null, timers: new Set(),
    onHeld() {}, onChanged() {} };
  tab.killed = new Promise((resolve) => { tab.kill = resolve; });
  const before = new Set(profile.channels);
  const { openPhone } = modules.get(variant);
  tab.phone = await openPhone({ assets: "", window: windowOf(profile),
    indexedDB: databasesOf(profile), KeyRange: IDBKeyRange, fetch: fetchOf(name, tab),
    now: () => new Date(profile.at), random: () => 0, uuid,
    locks: hasLocks ? locksOf(profile, tab) : null, setTimer: timersOf(tab) });
  tab.channel = [...profile.channels].find((one) => !before.has(one)) ?? null;
  tab.phone.onChange(() => tab.onChanged());
  tabs.set(name, tab);
}

function close({ tab: name }) {
  tabs.get(name).phone.close();
  tabs.get(name).kill(null);
  tabs.delete(name);
}

/** Messages of other tabs arrive now; each makes this tab read the disk again. */
async function hear(tab) {
  const waiting = tab.channel?.waiting.splice(0) ?? [];
  if (!waiting.length || !tab.channel.onmessage) return;
  const heard = new Promise((resolve) => {
    tab.onChanged = resolve;
    setTimeout(resolve, 2000);
  });
  tab.channel.onmessage({ data: waiting.at(-1) });
  await heard;
  tab.onChanged = () => {};
}

// --- acts ----------------------------------------------------------------------------------------

const acts = {
  signIn: ({ phone }, { username, password }) => phone.signIn({ username, password }),
  signOut: ({ phone }, { keep }) => phone.signOut({ keep }),
  send: ({ phone }) => phone.sendNow().then(({ result }) => result),
  refresh: ({ phone }) => phone.refreshSession().then(({ ok, kind = null }) => ({ ok, kind })),
  discard: ({ phone }, { event_id: id }) => phone.discard(id),
  async save({ phone }, { draft, is_unreadable: isUnreadable, is_huge: isHuge, taps }) {
    const whole = { ...draft, event_id: phone.newEventId(), ...phone.stamp() };
    if (isUnreadable) whole.answers = { ...whole.answers, note: `${whole.answers.note}\ud800` };
    if (isHuge) whole.answers = { ...whole.answers, note: "x".repeat(300 * 1024) };
    const told = [];
    for (let tap = 0; tap < taps; tap += 1) told.push(await phone.save([whole]));
    const saved = told.flatMap((one) => one.saved);
    return { draft: { ...whole, answers: isHuge ? null : whole.answers }, saved };
  },
};

function settled(tab) {
  return new Promise((resolve) => {
    tab.onHeld = () => resolve({ is_held: true });
    (tab.work ?? tab.run).then((value) => {
      tab.work = null;
      resolve({ value });
    }, (error) => {
      tab.work = null;
      resolve({ error: error?.kind ?? String(error?.stack ?? error) });
    });
  });
}

function act({ tab: name, act: what, given }) {
  const tab = tabs.get(name);
  const mine = Promise.resolve().then(() => acts[what](tab, given ?? {}));
  if (what !== "send") { // only a run of the sender may hang in the middle
    return mine.then((value) => ({ value }), (error) => ({ error: error?.kind
      ?? String(error?.stack ?? error) }));
  }
  tab.work = mine;
  return settled(tab);
}

function arrive({ tab: name, answer }) {
  const tab = tabs.get(name);
  const { held } = tab;
  tab.held = null;
  const done = settled(tab);
  held.end(answer);
  return done;
}

/** Nobody answered for 30 seconds: the phone gives up waiting. */
function giveUp({ tab: name }) {
  const tab = tabs.get(name);
  const timer = [...tab.timers].find(({ delay }) => delay === 30000);
  tab.timers.delete(timer);
  const done = settled(tab);
  timer.work();
  return done;
}

// --- copies of a whole phone ---------------------------------------------------------------------

async function readerOf(profile) {
  if (profile.reader) return profile.reader;
  profile.reader = await asked(indexedDB.open(profile.prefix + DATABASE));
  profile.reader.onversionchange = () => {
    profile.reader.close();
    profile.reader = null;
  };
  return profile.reader;
}

/** A new phone is set up from another's backup: every row, the device's number included. */
async function copyPhone({ from, to }) {
  const source = await readerOf(profiles.get(from));
  const target = await readerOf(profiles.get(to));
  const names = [...source.objectStoreNames];
  const reading = source.transaction(names);
  const rows = await Promise.all(names.map((name) => asked(reading.objectStore(name).getAll())));
  const writing = target.transaction(names, "readwrite");
  names.forEach((name, index) => {
    writing.objectStore(name).clear();
    for (const row of rows[index]) writing.objectStore(name).put(row);
  });
  await new Promise((resolve, reject) => {
    writing.oncomplete = resolve;
    writing.onabort = () => reject(writing.error);
  });
}

// --- what can be seen ----------------------------------------------------------------------------

const pick = (row, names) => Object.fromEntries(names.map((name) => [name, row[name] ?? null]));

async function disk(profile) {
  const database = await readerOf(profile);
  const reading = database.transaction(STORES);
  const [phone, events, devices, discarded, record, cursors, drafts, keys] = await Promise.all(
    STORES.map((name) => asked(reading.objectStore(name).getAll())),
  );
  const account = phone.find(({ name }) => name === "account");
  return {
    account: account?.session.account ?? null,
    epoch: account?.session.epoch ?? null,
    is_over: account?.is_over ?? null,
    events: events.map((row) => ({ ...pick(row, ["owner", "event_id", "device_id", "dseq", "state",
      "epoch", "seq", "acknowledged_at"]), is_sealed: Boolean(row.box) && !row.body })),
    devices: devices.map((row) => pick(row, ["owner", "device_id", "next_dseq"])),
    discarded: discarded.map((row) => pick(row, ["owner", "device_id", "dseq", "epoch"])),
    record: record.map((row) => pick(row, ["owner", "epoch", "seq", "type", "event_id"])),
    cursors: cursors.map((row) => pick(row, ["owner", "epoch", "after", "incoming"])),
    readable_by: [...new Set([...record, ...cursors, ...keys, ...drafts.filter(({ box }) => !box)]
      .map(({ owner }) => owner))],
  };
}

function screen({ phone, work, held }) {
  return {
    account: phone.account()?.account ?? null,
    is_over: phone.isSessionOver(),
    storage: phone.storage.ok,
    versions: phone.checkIns().flatMap((thread) => thread.versions.map((version) => ({
      event_id: version.event.event_id, owner: version.event.owner, state: version.state,
      note: version.event.answers?.note?.slice(0, 60) ?? null,
    }))),
    waiting: pick(phone.waiting(), ["count", "rejected", "others_count"]),
    is_busy: work !== null,
    is_held: held !== null,
  };
}

/** One step: the clocks, some acts one after the other, and what can be seen afterwards. Nothing
 *  stirs on a phone that nobody touches, so only the others' disks are read. */
async function step({ clocks = {}, todo = [] }) {
  for (const [name, at] of Object.entries(clocks)) profiles.get(name).at = at;
  const told = [];
  for (const one of todo) told.push(await HANDS[one.what](one) ?? null);
  const touched = new Set(todo.map(({ tab, to }) => tabs.get(tab)?.profile ?? to ?? null));
  for (const tab of tabs.values()) await hear(tab);
  const disks = {};
  for (const name of touched) if (profiles.has(name)) disks[name] = await disk(profiles.get(name));
  const screens = Object.fromEntries([...tabs].map(([name, tab]) => [name, screen(tab)]));
  return { told, disks, screens, complaints: complaints.splice(0) };
}

const HANDS = { open, close, act, arrive, giveUp, copyPhone,
  addProfile({ profile, prefix, at }) {
    profiles.set(profile, { prefix, at, channels: new Set(), reader: null });
  },
};

/** Everything of the example before is thrown away. */
async function clear() {
  for (const name of [...tabs.keys()]) close({ tab: name });
  for (const profile of profiles.values()) {
    profile.reader?.close();
    indexedDB.deleteDatabase(profile.prefix + DATABASE);
  }
  profiles.clear();
  uuids = 0;
  return {};
}

// --- the cable -----------------------------------------------------------------------------------

const complaints = [];
const asking = new Map(); // number of a request → what ends it
let cable = null;
let requests = 0;

function carry(asked) {
  requests += 1;
  cable.send(JSON.stringify({ carry: asked, id: requests }));
  return new Promise((resolve) => asking.set(requests, resolve));
}

async function hearTest({ data }) {
  const said = JSON.parse(data);
  if (said.answer) {
    asking.get(said.answer)(said.given);
    asking.delete(said.answer);
    return;
  }
  const told = await { step, clear }[said.ask](said.given)
    .catch((error) => ({ failure: String(error.stack ?? error) }));
  cable.send(JSON.stringify({ told, number: said.number }));
}

function connect(port) {
  cable = new WebSocket(`ws://127.0.0.1:${port}`);
  cable.onmessage = hearTest;
}

window.onerror = (message) => { complaints.push(String(message)); };
window.onunhandledrejection = ({ reason }) => { complaints.push(String(reason?.stack ?? reason)); };
console.error = (...words) => { complaints.push(words.map(String).join(" ")); };
window.cabinet = { connect, load };
