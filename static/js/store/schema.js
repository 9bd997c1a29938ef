// The stores of the phone's database, as a list of named versions. Only ever add to the end:
// a phone may be handed an older release over a newer database, and must still read its outbox.

export const DATABASE_NAME = "prolo-aftercare";

/** Every row carries `v` (its own shape) and, where it holds words of a person, a `body`, so that
 *  later the body alone can become {kid, iv, ciphertext}. */
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
];

export const STORE_NAMES = [
  "phone", "devices", "events", "discarded", "record", "cursors", "clinic", "drafts",
];

/** All keys that start with `owner` (an array key sorts after every string). */
export function keysOf(KeyRange, ...start) {
  return KeyRange.bound(start, [...start, []]);
}
