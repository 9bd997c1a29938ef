// The true order of events: `dseq` within a device, `seq` across devices, never a clock. Pure.

/** How early each event arrived, or could still arrive: an event that waits stands before those of
 *  its device that were numbered later and have already arrived. */
function arrivals(events) {
  const byDevice = new Map();
  for (const event of events) {
    if (!byDevice.has(event.device_id)) byDevice.set(event.device_id, []);
    byDevice.get(event.device_id).push(event);
  }
  const found = new Map();
  for (const mine of byDevice.values()) {
    let least = Infinity;
    for (const event of mine.sort((one, other) => other.dseq - one.dseq)) {
      least = Math.min(least, event.seq ?? Infinity);
      found.set(event.event_id, least);
    }
  }
  return found;
}

function compare(one, other, arrived) {
  const [first, second] = [arrived.get(one.event_id), arrived.get(other.event_id)];
  if (first !== second) return first < second ? -1 : 1;
  if (one.device_id === other.device_id) return one.dseq - other.dseq;
  return (one.nth ?? 0) - (other.nth ?? 0); // both wait, on two numbers of this one phone
}

/** A rank for each event: {event_id → 0, 1, 2 …}, oldest first.
 *  Each event: {event_id, device_id, dseq, seq|null, nth?}. */
export function rankEvents(events) {
  const arrived = arrivals([...events]);
  const sorted = [...events].sort((one, other) => compare(one, other, arrived));
  return new Map(sorted.map((event, index) => [event.event_id, index]));
}

/** Versions of one check-in, oldest first: by `seq`; those that still wait come last. */
export function inVersionOrder(versions) {
  return [...versions].sort((one, other) => {
    if (one.kind !== other.kind) return one.kind === "create" ? -1 : 1;
    const [first, second] = [one.seq ?? Infinity, other.seq ?? Infinity];
    if (first !== second) return first < second ? -1 : 1;
    return (one.nth ?? 0) - (other.nth ?? 0);
  });
}
