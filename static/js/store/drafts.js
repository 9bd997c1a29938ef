// Half-filled forms of the signed-in account. Never sent, dropped at sign-out.

const isTheirs = async (phone, owner) => (await phone.get("account"))?.session.account === owner;

export function createDrafts({ database }) {
  const read = (owner, name) => database.read(["drafts"],
    async ({ drafts }) => (await drafts.get([owner, name]))?.body ?? null);

  /** False where somebody else has signed in on this phone meanwhile: then nothing is written. */
  const keep = (owner, name, body) => database.write(["phone", "drafts"],
    async ({ phone, drafts }) => {
      if (!await isTheirs(phone, owner)) return false;
      await drafts.put({ owner, name, v: 1, body });
      return true;
    });

  const drop = (owner, name) => database.write(["drafts"],
    ({ drafts }) => drafts.remove([owner, name]));

  return { read, keep, drop };
}
