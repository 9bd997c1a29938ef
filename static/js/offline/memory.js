// What a page remembers of itself for a while, where the browser lets it: never anything of a person.

function rememberIn(storage, now) {
  const read = (name) => {
    try {
      return storage()?.getItem(name) ?? null;
    } catch {
      return null;
    }
  };
  return {
    has: (name) => read(name) !== null,
    isFresh(name, within) {
      const age = now() - Number(read(name) ?? -Infinity);
      return age >= 0 && age < within;
    },
    note(name) {
      try {
        storage()?.setItem(name, String(now()));
      } catch {
        // Refused: then it is asked again.
      }
    },
  };
}

/** Until the app is closed. */
export const forThisVisit = (window, now = Date.now) => (
  rememberIn(() => window.sessionStorage, now));

/** For as long as the browser keeps anything. */
export const forGood = (window, now = Date.now) => rememberIn(() => window.localStorage, now);
