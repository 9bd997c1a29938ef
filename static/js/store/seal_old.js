// Rows that the first release wrote in plain, or a phone that had no key yet: sealed where they
// lie. A crash in the middle leaves some sealed and some not, and the next start goes on.

import { keysOf } from "./schema.js";
import { sealChange, sealClinic, sealDraft, sealEvent, sealSession } from "./sealed_rows.js";

const AT_ONCE = 100;

const KINDS = [
  { store: "events", seal: sealEvent, keyOf: (row) => [row.owner, row.event_id],
    // Sent, answered or renumbered meanwhile: the next round seals what it has become.
    isSame: (row, seen) => row.state === seen.state && row.device_id === seen.device_id
      && row.dseq === seen.dseq && row.problem?.kind === seen.problem?.kind
      && row.acknowledged_at === seen.acknowledged_at },
  { store: "record", seal: sealChange, keyOf: (row) => [row.owner, row.epoch, row.seq],
    isSame: () => true },
  { store: "drafts", seal: sealDraft, keyOf: (row) => [row.owner, row.name],
    isSame: (row, seen) => JSON.stringify(row.body) === JSON.stringify(seen.body) },
  { store: "clinic", seal: sealClinic, keyOf: (row) => row.owner,
    isSame: (row, seen) => row.version === seen.version },
];

const isPlain = (row) => Boolean(row) && !row.box && row.body !== undefined;

export function createSealOld({ database, KeyRange, vault }) {
  const rangeOf = ({ store }, owner) => (store === "clinic" ? KeyRange.only(owner)
    : keysOf(KeyRange, owner));

  const readAll = (kind, owner) => database.read([kind.store],
    (tables) => tables[kind.store].all(rangeOf(kind, owner)));

  /** Put the boxes in the place of rows that are still as they were when they were read. */
  const replace = ({ store, keyOf, isSame }, pairs) => database.write([store], async (tables) => {
    let count = 0;
    for (const [seen, sealed] of pairs) {
      const row = await tables[store].get(keyOf(seen));
      if (!isPlain(row) || !isSame(row, seen)) continue;
      await tables[store].put(sealed);
      count += 1;
    }
    return count;
  });

  async function sealKind(kind, owner) {
    const plain = (await readAll(kind, owner)).filter(isPlain);
    let count = 0;
    for (let from = 0; from < plain.length; from += AT_ONCE) {
      const seen = plain.slice(from, from + AT_ONCE);
      const sealed = await Promise.all(seen.map((row) => kind.seal(vault, row)));
      if (!sealed.every((row) => row.box)) return count; // signed out meanwhile
      count += await replace(kind, seen.map((row, index) => [row, sealed[index]]));
    }
    return count;
  }

  async function sealName(owner) {
    const row = await database.read(["phone"], ({ phone }) => phone.get("account"));
    if (!row || row.box || row.session.account !== owner) return 0;
    const sealed = await sealSession(vault, row.session);
    if (!sealed.box) return 0;
    return database.write(["phone"], async ({ phone }) => {
      const now = await phone.get("account");
      if (!now || now.box || now.session.account !== owner) return 0;
      await phone.put({ ...now, ...sealed, session: { ...sealed.session,
        epoch: now.session.epoch } });
      return 1;
    });
  }

  /** Seal every plain row of this account, if there is a key. Returns how many. */
  return async function sealOld(owner) {
    if (!await vault.has(owner)) return 0;
    let count = await sealName(owner);
    for (const kind of KINDS) count += await sealKind(kind, owner);
    return count;
  };
}
