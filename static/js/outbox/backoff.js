// When to try again: full jitter up to 15 minutes; the server's own wish wins. Pure arithmetic on
// milliseconds; where the numbers are kept is the sender's business.

const FIRST_MS = 2000;
const LONGEST_MS = 15 * 60 * 1000;
const LONGEST_OWN_WISH_MS = 24 * 60 * 60 * 1000;
const LONGEST_FOREIGN_WISH_MS = 60 * 60 * 1000;

export const NEVER_TRIED = Object.freeze({
  attempts: 0, next_try_at: 0, asked_at: 0, not_before: 0,
});

/** A wait between 0 and 2 s × 2ⁿ, at most 15 minutes. */
export function jitter(attempts, random) {
  return Math.floor(random() * Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempts, 20)));
}

/** The plan after a failed try. `retryAfterS` (seconds or null) is a floor even for the button;
 *  a stranger's wish (a proxy's) is heard, but for an hour at most. */
export function afterFailure(plan, { now, random, retryAfterS = null, isOurs = true }) {
  const wait = jitter(plan.attempts, random);
  const longest = isOurs ? LONGEST_OWN_WISH_MS : LONGEST_FOREIGN_WISH_MS;
  const wish = Math.min(longest, Math.max(0, (retryAfterS ?? 0) * 1000));
  return {
    attempts: plan.attempts + 1,
    next_try_at: now + wish + wait,
    asked_at: now,
    not_before: wish ? now + wish : 0,
  };
}

/** How long to wait from `now`. A person's own action skips the backoff, never the server's wish.
 *  Where the clock was set back since then nobody can tell how long that was ago: it is tried now,
 *  and the answer makes a plan by the clock as it is. */
export function waitLeft(plan, { now, byPerson = false }) {
  if (now < plan.asked_at) return 0;
  const own = byPerson ? 0 : plan.next_try_at;
  return Math.max(0, Math.max(plan.not_before, own) - now);
}

/** Seconds from a Retry-After header (seconds or an HTTP date), or null. */
export function retryAfterSeconds(header, now) {
  if (!header) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}
