// Who is signed in on this phone, as last known, and what must go when that changes.
// No network here; the replies of the server are handed in.

import { keysOf } from "./schema.js";
import { sealSession } from "./sealed_rows.js";

const PRIVATE = ["record", "cursors", "clinic", "drafts", "keys"];
const SESSION_FIELDS = ["account", "display_name", "role", "epoch", "form_version",
  "rules_version", "limits"];

/** The stores that a change of account touches. */
export const ACCOUNT_STORES = ["phone", "events", "devices", "discarded", ...PRIVATE];

const isUnsent = (row) => row.state !== "acknowledged";

export function sessionOf(body) {
  return Object.fromEntries(SESSION_FIELDS.map((name) => [name, body[name] ?? null]));
}

/** True where a reply has what a session must have. */
export function isSession(body) {
  return typeof body.account === "string" && body.account !== "" && typeof body.role === "string"
    && typeof body.epoch === "string";
}

/** Remember the latest server time seen; it never goes back. `at` is ISO text. */
export async function noteServerTime(phone, at) {
  const time = Date.parse(at ?? "");
  if (Number.isNaN(time)) return;
  const known = await phone.get("server_time");
  if (!known || known.at < time) await phone.put({ name: "server_time", v: 1, at: time });
}

/** Whether `now` (Date) is behind the latest server time that this phone saw. */
export const isBehind = (row, now) => Boolean(row) && now.getTime() < row.at;

/** Everything acknowledged under another epoch waits again: that server may not hold it. */
export async function reopenOtherEpochs({ events, discarded }, { owner, epoch, KeyRange }) {
  let count = 0;
  for (const row of await events.all(keysOf(KeyRange, owner))) {
    if (row.state !== "acknowledged" || row.epoch === epoch) continue;
    await events.put({ ...row, state: "pending", epoch: null, seq: null, received_at: null,
      acknowledged_at: null, problem: null });
    count += 1;
  }
  for (const row of await discarded.all(keysOf(KeyRange, owner))) {
    if (row.epoch && row.epoch !== epoch) await discarded.put({ ...row, epoch: null });
  }
  return count;
}

/** Drop the keys, the record and the clinic's words of an account. Boxes stay: unsent check-ins,
 *  drafts, and sent copies where the clinic wants copies kept. Nothing plain stays but what is
 *  unsent. */
async function dropPrivate(tables, { session, KeyRange }) {
  const owner = session.account;
  await tables.keys.clear(); // at most one account has keys here
  await tables.record.remove(keysOf(KeyRange, owner));
  await tables.cursors.remove(owner);
  await tables.clinic.remove(owner);
  const isKept = session.limits?.keep_days !== 0;
  for (const row of await tables.drafts.all(keysOf(KeyRange, owner))) {
    if (!row.box) await tables.drafts.remove([owner, row.name]);
  }
  for (const row of await tables.events.all(keysOf(KeyRange, owner))) {
    if (!isUnsent(row) && !(row.box && isKept)) await tables.events.remove([owner, row.event_id]);
  }
}

export function createAccounts({ database, KeyRange, now, vault }) {
  async function addKeys({ keys, devices }, { keys: entries = [], device = null }, { isBare }) {
    for (const row of entries.some((one) => one.row.is_current) ? await keys.all() : []) {
      await keys.put({ ...row, is_current: false });
    }
    for (const { row, bare } of entries) await keys.put(isBare ? bare : row);
    if (device && !await devices.get(device.owner)) await devices.put(device);
  }

  /** Take a session reply in, and with it what the key desk brought. Another account than before
   *  loses its private copies at once. Returns {session, is_switched, reopened}; null where
   *  `isKnownOnly` and nobody is signed in here (a reply on its way during a sign-out must not
   *  undo it). */
  async function take(body, { byPerson = false, isKnownOnly = false, brought = {} } = {}) {
    const session = sessionOf(body);
    vault.learn(session.account, brought.keys ?? []);
    const row = await sealSession(vault, session);
    const put = ({ isBare }) => database.write(ACCOUNT_STORES, async (tables) => {
      const before = await tables.phone.get("account");
      if (isKnownOnly && !before) return null;
      const isSwitched = Boolean(before) && before.session.account !== session.account;
      if (isSwitched) await dropPrivate(tables, { session: before.session, KeyRange });
      await addKeys(tables, brought, { isBare });
      const reopened = await reopenOtherEpochs(tables,
        { owner: session.account, epoch: session.epoch, KeyRange });
      await tables.phone.put({ name: "account", ...row, is_over: false });
      await noteServerTime(tables.phone, body.server_time);
      if (byPerson) await tables.phone.remove("owes_sign_out");
      if (byPerson || isSwitched) await tables.phone.remove("sender");
      return { session, is_switched: isSwitched, reopened };
    });
    const taken = await put({ isBare: false }).catch((error) => {
      if (!brought.keys?.length || error.kind === "storage-full") throw error;
      return put({ isBare: true });
    });
    await vault.refresh(session.account);
    return taken;
  }

  /** The server said 401: the account stays, nothing is dropped. */
  function markOver(owner) {
    return database.write(["phone"], async ({ phone }) => {
      const row = await phone.get("account");
      if (row?.session.account === owner) await phone.put({ ...row, is_over: true });
    });
  }

  /** Forget the account here. `keep`: "sealed" (boxes stay, counted only) or "delete". */
  function forget({ keep }) {
    return database.write(ACCOUNT_STORES, async (tables) => {
      const row = await tables.phone.get("account");
      if (!row) return null;
      const owner = row.session.account;
      await dropPrivate(tables, { session: row.session, KeyRange });
      if (keep === "delete") {
        await tables.drafts.remove(keysOf(KeyRange, owner));
        await tables.events.remove(keysOf(KeyRange, owner));
        await tables.discarded.remove(keysOf(KeyRange, owner));
        await tables.devices.remove(owner); // a wiped phone counts from 1 under a new device id
      }
      await tables.phone.remove("account");
      await tables.phone.remove("sender");
      await tables.phone.put({ name: "owes_sign_out", v: 1, since: now().getTime() });
      return owner;
    });
  }

  /** A session was begun on the server that nobody has here. */
  const oweSignOut = () => database.write(["phone"],
    ({ phone }) => phone.put({ name: "owes_sign_out", v: 1, since: now().getTime() }));

  const owesSignOut = () => database.read(["phone"],
    async ({ phone }) => Boolean(await phone.get("owes_sign_out")));

  const settleSignOut = () => database.write(["phone"],
    ({ phone }) => phone.remove("owes_sign_out"));

  const current = () => database.read(["phone"], async ({ phone }) => {
    const row = await phone.get("account");
    return row ? { session: row.session, is_over: row.is_over } : null;
  });

  return { take, markOver, forget, oweSignOut, owesSignOut, settleSignOut, current };
}
