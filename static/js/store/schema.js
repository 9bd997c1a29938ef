// The stores of the phone's database, as a list of named versions. Only ever add to the end:
// a phone may be handed an older release over a newer database, and must still read its outbox.

export const DATABASE_NAME = "prolo-aftercare";

/** Every row carries `v` (its own shape). Words of a person are in a box {kid, key_device_id, iv,
 *  ciphertext}; rows of the first release had a plain `body` instead, and a phone without a key
 *  still writes those (sealed_rows.js). */
export const MIGRATIONS = [
  {
    version: 1,
    name: "outbox, record, drafts",
    up(database) {
      database.createObjectStore("phone", { keyPath: "name" });
      database.createObjectStore("devices", { keyPath: "owner" });
      const events = database.createObjectStore("events", { keyPath: ["owner", "event_id"] });
      events.createIndex("by_state", "state");
      events.createIndex("by_place", ["owner", "device_id", "dseq"], { unique: true });
      database.createObjectStore("discarded", { keyPath: ["owner", "device_id", "dseq"] });
      const record = database.createObjectStore("record", { keyPath: ["owner", "epoch", "seq"] });
      record.createIndex("by_event", ["owner", "event_id"]);
      database.createObjectStore("cursors", { keyPath: "owner" });
      database.createObjectStore("clinic", { keyPath: "owner" });
      database.createObjectStore("drafts", { keyPath: ["owner", "name"] });
    },
  },
  {
    version: 2,
    name: "keys of the account that is signed in",
    up(database) {
      database.createObjectStore("keys", { keyPath: ["owner", "kid", "device_id"] });
    },
  },
];

export const STORE_NAMES = [
  "phone", "devices", "events", "discarded", "record", "cursors", "clinic", "drafts", "keys",
];

/** All keys that start with `owner` (an array key sorts after every string). */
export function keysOf(KeyRange, ...start) {
  return KeyRange.bound(start, [...start, []]);
}
