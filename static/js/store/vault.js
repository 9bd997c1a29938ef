// The keys of the account that is signed in, and what was opened with them, in memory.
// The keys lie in the store `keys` and go with the sign-out; here is no network.

import { keysOf } from "./schema.js";
import { canSeal, createSealing } from "./sealing.js";

const nameOf = (kid, deviceId) => `${kid}|${deviceId}`;
const aboutKey = ({ owner, kid, device_id: deviceId }) => [owner, "key", kid, deviceId].join("|");

export function createVault({ database, KeyRange, crypto }) {
  const sealing = canSeal(crypto) ? createSealing({ crypto }) : null;
  let owner = null;
  let keys = new Map();
  // What was opened, by iv and place: two generations, so that it is never more than what the last
  // two looks at the disk had in them, and nothing is opened again at each change.
  let young = new Map();
  let old = new Map();

  function forgetAll() {
    keys = new Map();
    young = new Map();
    old = new Map();
  }

  /** What the store `keys` holds for one key, and the key itself: {row, bare, key}. `bare` is for
   *  browsers that keep no Blobs (some in private mode). */
  async function keyEntry({ owner: whose, kid, deviceId, isCurrent, raw }) {
    const known = { owner: whose, kid, device_id: deviceId, v: 1, is_current: isCurrent };
    const key = await sealing.importKey(raw);
    const row = { ...known, ...await sealing.lockUp(raw, aboutKey(known)) };
    raw.fill(0);
    return { row, bare: { ...known, key }, key };
  }

  async function keyOf(row) {
    const here = owner === row.owner && keys.get(nameOf(row.kid, row.device_id));
    if (here) return here.key;
    if (row.key) return row.key;
    return sealing.unlock(row, aboutKey(row)).catch(() => null); // it is asked for again
  }

  /** From now on these rows of the store `keys` are the keys. */
  async function adopt(newOwner, rows) {
    const found = await Promise.all((sealing ? rows : []).map(async (row) => (
      { kid: row.kid, device_id: row.device_id, is_current: row.is_current,
        key: await keyOf(row) })));
    const usable = found.filter((one) => one.key);
    if (owner !== newOwner || usable.length === 0) forgetAll();
    owner = newOwner;
    keys = new Map(usable.map((one) => [nameOf(one.kid, one.device_id), one]));
  }

  /** Know further keys before they are on disk. */
  function learn(newOwner, entries) {
    if (owner !== newOwner) forgetAll();
    owner = newOwner;
    if (entries.some(({ row }) => row.is_current)) {
      keys = new Map([...keys].map(([name, one]) => [name, { ...one, is_current: false }]));
    }
    for (const { row, key } of entries) {
      keys.set(nameOf(row.kid, row.device_id), { kid: row.kid, device_id: row.device_id,
        is_current: row.is_current, key });
    }
  }

  /** Read them from disk: another tab may have signed in. */
  const refresh = async (wanted) => adopt(wanted, await database.read(["keys"],
    (tables) => tables.keys.all(keysOf(KeyRange, wanted))));

  const current = (wanted) => (owner === wanted
    ? [...keys.values()].find((row) => row.is_current) ?? null : null);

  /** Whether something can be sealed for this account. */
  async function has(wanted) {
    if (sealing && !current(wanted)) await refresh(wanted);
    return sealing !== null && current(wanted) !== null;
  }

  const knows = (wanted, { kid, key_device_id: deviceId }) => owner === wanted
    && keys.has(nameOf(kid, deviceId));

  const placeOf = ({ iv }, about) => `${iv.join(".")}|${about}`;

  /** `value` in a box bound to `about`, or null where there is no key. */
  async function seal(wanted, value, about) {
    if (!await has(wanted)) return null;
    const { kid, device_id: deviceId, key } = current(wanted);
    const box = { kid, key_device_id: deviceId, ...await sealing.seal(key, value, about) };
    if (owner === wanted) young.set(placeOf(box, about), JSON.parse(JSON.stringify(value)));
    return box;
  }

  /** What is in a box, or undefined where it cannot be opened. */
  async function open(wanted, box, about) {
    if (!sealing || !(box?.iv instanceof Uint8Array)) return undefined;
    if (!knows(wanted, box)) return undefined;
    const place = placeOf(box, about);
    if (young.has(place)) return young.get(place);
    let value = old.get(place);
    try {
      if (!old.has(place)) {
        value = await sealing.open(keys.get(nameOf(box.kid, box.key_device_id)).key, box, about);
      }
    } catch {
      return undefined; // a flipped bit, or another row's box: it is counted, and kept
    }
    if (owner === wanted) young.set(place, value);
    return value;
  }

  /** Everything that is on disk has just been looked at. */
  function turnOver() {
    old = young;
    young = new Map();
  }

  return { canSeal: sealing !== null, keyEntry, adopt, learn, refresh, has, current, knows, seal,
    open, turnOver };
}
