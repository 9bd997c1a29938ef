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
    asked_at: wish ? now : 0,
    not_before: wish ? now + wish : 0,
  };
}

/** How long to wait from `now`. A person's own action skips the backoff, never the server's wish.
 *  A clock that was set back must not make the wait longer than it ever was. */
export function waitLeft(plan, { now, byPerson = false }) {
  const wish = plan.not_before
    ? Math.min(plan.not_before - now, plan.not_before - plan.asked_at) : 0;
  const longest = Math.max(LONGEST_MS, plan.not_before - plan.asked_at + LONGEST_MS);
  const own = byPerson ? 0 : Math.min(plan.next_try_at - now, longest);
  return Math.max(0, wish, own);
}

/** Seconds from a Retry-After header (seconds or an HTTP date), or null. */
export function retryAfterSeconds(header, now) {
  if (!header) return null;
  const text = header.trim();
  if (/^\d+$/.test(text)) return Number(text);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}
