// Asks the server for the keys that an account needs on this phone. What it brings is written by
// accounts.take, in the transaction that signs the person in: no key without its person.

import { keyBytes } from "../store/sealing.js";
import { keysOf } from "../store/schema.js";
import { newDevice } from "./outbox.js";

const PATH = "/api/v1/outbox-key";
const MOST_KIDS = 20;
const TRIES = 2;

const NOTHING = Object.freeze({ isIn: true, keys: [], device: null });

/** A box's key is named by two ids, since a phone may take a new device id with boxes in it. */
const pairOf = ({ kid, key_device_id: deviceId }) => ({ kid, key_device_id: deviceId });

export function createKeyDesk({ api, vault, database, KeyRange, uuid }) {
  /** {device, wanted}: the device of this account here, and every key that a box names. */
  const lookAround = (owner) => database.read(["devices", "events", "drafts"], async (tables) => {
    const range = keysOf(KeyRange, owner);
    const boxes = [...await tables.events.all(range), ...await tables.drafts.all(range)]
      .map((row) => row.box).filter(Boolean);
    const pairs = new Map(boxes.map((box) => [`${box.kid}|${box.key_device_id}`, pairOf(box)]));
    return { device: await tables.devices.get(owner) ?? null, wanted: [...pairs.values()] };
  });

  /** A reply that names another account is none: somebody signed in meanwhile. */
  async function ask(owner, deviceId, kids) {
    let reply = null;
    for (let tries = 0; tries < TRIES && reply?.outcome !== "ok"; tries += 1) {
      reply = await api.post(PATH, { device_id: deviceId, kids: kids.slice(0, MOST_KIDS) });
      if (reply.outcome === "problem") return { reply, keys: null };
    }
    const { account, current, keys } = reply.body ?? {};
    if (reply.outcome !== "ok" || account !== owner || typeof current !== "string" || typeof keys !== "object") {
      return { reply, keys: null };
    }
    return { reply, current, keys: keys ?? {} };
  }

  async function entriesOf(owner, deviceId, { current, keys }, { isOwn }) {
    const rows = [];
    for (const [kid, text] of Object.entries(keys)) {
      const raw = keyBytes(text);
      if (raw) {
        rows.push(await vault.keyEntry(
          { owner, kid, deviceId, isCurrent: isOwn && kid === current, raw }));
      }
    }
    return rows;
  }

  /** What this account needs beside the keys that are in hand: {isIn, keys, device, reply}.
   *  `isIn` false: there is no key to seal with and none was to be had; `reply` says why. */
  async function bring(session) {
    const owner = session.account;
    if (session.role !== "patient" || !vault.canSeal) return NOTHING;
    const { device, wanted } = await lookAround(owner);
    await vault.refresh(owner); // what is in memory may be gone from the disk
    const isIn = await vault.has(owner);
    const current = vault.current(owner);
    const lacking = wanted.filter((pair) => !vault.knows(owner, pair));
    const kid = session.outbox_kid;
    const isOld = isIn && typeof kid === "string" && kid !== current.kid;
    const own = device ?? newDevice(owner, uuid);
    const keys = [];
    let reply = null;
    const byDevice = new Map();
    for (const pair of lacking) {
      const known = byDevice.get(pair.key_device_id) ?? [];
      byDevice.set(pair.key_device_id, [...known, pair]);
    }
    if (!isIn || isOld) byDevice.set(own.device_id, byDevice.get(own.device_id) ?? []);
    for (const [deviceId, pairs] of byDevice) {
      const isOwn = deviceId === own.device_id;
      const answer = await ask(owner, deviceId, pairs.map((pair) => pair.kid));
      reply = isOwn || reply === null ? answer.reply : reply;
      if (!answer.keys) continue;
      keys.push(...await entriesOf(owner, deviceId, answer, { isOwn }));
    }
    return { isIn: isIn || keys.some(({ row }) => row.is_current), keys, reply,
      device: device ? null : own };
  }

  return { bring };
}
