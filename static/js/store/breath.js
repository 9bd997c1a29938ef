// Long work in pieces: between two of them the browser may answer a finger on the screen.

/** As many rows as a slow phone opens or folds within a twentieth of a second. */
export const PIECE = 200;

/** Resolves when the browser has done what waits. A timer would be slowed down in a hidden tab. */
export function breathe() {
  if (globalThis.scheduler?.yield) return globalThis.scheduler.yield();
  return new Promise((goOn) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      goOn();
    };
    port2.postMessage(null);
  });
}

/** `act` for every row, in the order of the rows, with a breath between pieces. */
export async function inPieces(rows, act) {
  const done = [];
  for (let from = 0; from < rows.length; from += PIECE) {
    if (from > 0) await breathe();
    done.push(...await Promise.all(rows.slice(from, from + PIECE).map(act)));
  }
  return done;
}
