// Half-filled forms of the signed-in account, each in a box. Never sent; at sign-out the boxes stay
// and their key goes.

import { openDraft, sealDraft } from "./sealed_rows.js";

const isTheirs = async (phone, owner) => (await phone.get("account"))?.session.account === owner;

export function createDrafts({ database, vault }) {
  let queue = Promise.resolve();
  const newest = new Map(); // the last one asked for, by name: what came before it need not be kept

  /** Sealing takes its time: what was kept last must also be written last. */
  function inOrder(work) {
    const mine = queue.then(work);
    queue = mine.catch(() => {});
    return mine;
  }

  const read = (owner, name) => inOrder(async () => openDraft(vault,
    await database.read(["drafts"], ({ drafts }) => drafts.get([owner, name]))));

  /** False where somebody else has signed in on this phone meanwhile: then nothing is written. */
  function keep(owner, name, body) {
    const mine = structuredClone(body);
    newest.set(name, mine);
    return inOrder(async () => {
      // Typing is faster than sealing: the one after this holds all that this one does.
      if (newest.get(name) !== mine) return true;
      const row = await sealDraft(vault, { owner, name, body: mine });
      return database.write(["phone", "drafts"], async ({ phone, drafts }) => {
        if (!await isTheirs(phone, owner)) return false;
        await drafts.put(row);
        return true;
      });
    });
  }

  const drop = (owner, name) => inOrder(() => database.write(["drafts"],
    ({ drafts }) => drafts.remove([owner, name])));

  return { read, keep, drop };
}
