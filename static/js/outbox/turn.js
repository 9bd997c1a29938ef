// One sender at a time on this phone. A Web Lock where there is one; beside it a lease in the
// database, so that a frozen tab that sits on the lock cannot stop the others for ever. The true
// guard against sending twice is the server, which keeps one row an event.

const LOCK = "prolo-aftercare-sender";
const LEASE_MS = 45 * 1000;

const isLostLock = (error) => error?.name === "AbortError";

export function createTurn({ database, locks, now, uuid }) {
  const holder = uuid();
  const time = () => now().getTime();
  // A clock that was set back must not lock us out: a lease never ends later than this.
  const isOver = (row) => row.until <= time() || row.until > time() + LEASE_MS;
  const isTheirs = (row) => Boolean(row) && row.holder !== holder && !isOver(row);

  /** Take or renew the lease; false while another holds it. The lock, once held, decides. */
  const take = ({ byForce = false } = {}) => database.write(["phone"], async ({ phone }) => {
    if (!byForce && isTheirs(await phone.get("lease"))) return false;
    await phone.put({ name: "lease", v: 1, holder, until: time() + LEASE_MS });
    return true;
  });

  const give = () => database.write(["phone"], async ({ phone }) => {
    if ((await phone.get("lease"))?.holder === holder) await phone.remove("lease");
  });

  async function underLease(work, { byForce }) {
    if (!await take({ byForce })) return null;
    try {
      return { value: await work({ renew: () => take() }) };
    } finally {
      await give().catch(() => {});
    }
  }

  /** Another tab has the lock, but has let its lease run out: it is frozen or gone. */
  const isStuck = () => database.read(["phone"], async ({ phone }) => {
    const row = await phone.get("lease");
    return Boolean(row) && row.holder !== holder && isOver(row);
  });

  const underLock = (work, options) => locks.request(LOCK, options, (lock) => (
    lock ? underLease(work, { byForce: true }) : null)).catch((error) => {
    if (isLostLock(error)) return { isLost: true };
    throw error;
  });

  /** Run `work({renew})` alone: {value}, or null while another tab has the turn. */
  async function alone(work) {
    if (!locks) return underLease(work, { byForce: false });
    let done = await underLock(work, { ifAvailable: true });
    if (!done && await isStuck()) done = await underLock(work, { steal: true });
    return done?.isLost ? null : done;
  }

  return { alone };
}
