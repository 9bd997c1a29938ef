// The server's API for a page that asks it something of its own, beside what the phone asks.

import { createApi } from "../api.js";

/** `get` and `post` as `api.js` has them. */
export function ownApi() {
  return createApi({
    fetch: (...request) => fetch(...request),
    setTimer: (act, ms) => {
      const timer = setTimeout(act, ms);
      return () => clearTimeout(timer);
    },
    now: () => new Date(),
  });
}
