// IndexedDB, made dependable: opened late and again when the browser closed it, migrated by a list,
// and every failure named. What the rows mean is not known here.

import { PhoneError, storageProblem } from "./problems.js";

const ANSWER_WITHIN_MS = 5000;
const LOST = new Set(["InvalidStateError", "UnknownError", "AbortError"]);

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

/** The few things that are done with a store or an index, each as a promise. */
function table(source) {
  return {
    get: (key) => asked(source.get(key)),
    all: (range) => asked(source.getAll(range)),
    keys: (range) => asked(source.getAllKeys(range)),
    count: (range) => asked(source.count(range)),
    put: (row) => asked(source.put(row)),
    remove: (range) => asked(source.delete(range)),
    clear: () => asked(source.clear()),
    by: (index) => table(source.index(index)),
  };
}

function migrate(database, transaction, oldVersion, migrations) {
  for (const step of migrations) {
    if (step.version > oldVersion) step.up(database, transaction);
  }
}

/** Runs `work(tables)` in one transaction; resolves only in oncomplete.
 *
 *  The transaction's own error is looked at first: a full disk often shows only there. */
function inTransaction(database, { mode, stores, durability, underWay }, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode, { durability });
    let outcome;
    let failure = null;
    underWay.add(transaction);
    transaction.oncomplete = () => {
      underWay.delete(transaction);
      resolve(outcome);
    };
    transaction.onabort = () => {
      underWay.delete(transaction);
      const own = transaction.error;
      const isFull = own?.name === "QuotaExceededError";
      reject((isFull ? own : failure || own) || new DOMException("aborted", "AbortError"));
    };
    const tables = Object.fromEntries(
      stores.map((name) => [name, table(transaction.objectStore(name))]),
    );
    Promise.resolve().then(() => work(tables)).then((value) => { outcome = value; }, (error) => {
      failure = error;
      abort(transaction);
    });
  });
}

function abort(transaction) {
  try {
    transaction.abort();
  } catch {
    // Already over, or aborting: its own events tell.
  }
}

/** A database that opens when it is first needed and opens again when it was closed under us.
 *
 *  `onState({ok, reason})` hears when storage is refused, blocked by another tab, or well again. */
export function createDatabase({ indexedDB, name, migrations, storeNames, setTimer,
  onState = () => {} }) {
  const version = migrations.at(-1).version;
  const underWay = new Set();
  let hasOpened = false;
  let connection = null;
  let isClosed = false;
  let awake = Promise.resolve();
  let wakeUp = null;

  function forget(database) {
    if (connection?.database === database) connection = null;
  }

  function adopt(database) {
    const missing = storeNames.filter((store) => !database.objectStoreNames.contains(store));
    if (missing.length) {
      database.close();
      throw new PhoneError("storage-refused", `stores missing: ${missing.join(", ")}`);
    }
    database.onversionchange = () => {
      database.close();
      forget(database);
    };
    database.onclose = () => forget(database);
    hasOpened = true;
    onState({ ok: true });
    return database;
  }

  function openAt(wanted) {
    return new Promise((resolve, reject) => {
      const request = wanted ? indexedDB.open(name, wanted) : indexedDB.open(name);
      let isGivenUp = false;
      const giveUp = (problem) => {
        isGivenUp = true;
        reject(problem);
      };
      const cancel = setTimer(
        () => giveUp(new PhoneError("storage-blocked", "the database did not open")),
        ANSWER_WITHIN_MS,
      );
      request.onupgradeneeded = (event) => {
        migrate(request.result, request.transaction, event.oldVersion, migrations);
      };
      request.onblocked = () => onState({ ok: false, reason: "blocked" });
      request.onsuccess = () => {
        cancel();
        if (isGivenUp || isClosed) request.result.close();
        else resolve(request.result);
      };
      request.onerror = () => {
        cancel();
        reject(request.error);
      };
    });
  }

  async function openAny() {
    try {
      return await openAt(version);
    } catch (error) {
      // A newer release was here first. Its stores are ours and more: read on without a version.
      if (error?.name === "VersionError") return openAt(null);
      throw error;
    }
  }

  async function open() {
    try {
      if (!indexedDB) throw new PhoneError("storage-refused", "no IndexedDB");
      return adopt(await openAny());
    } catch (error) {
      // WebKit says so when it had to give up its storage; only a fresh page gets there again.
      const isLost = hasOpened && error?.name === "UnknownError";
      const problem = storageProblem(error, isLost ? "storage-lost" : "storage-refused");
      onState({ ok: false, reason: problem.kind.replace("storage-", "") });
      throw problem;
    }
  }

  function connect() {
    if (isClosed) return Promise.reject(new PhoneError("storage-failed", "closed"));
    if (!connection) {
      const mine = { database: null };
      mine.promise = open().then((database) => {
        mine.database = database;
        return database;
      }, (error) => {
        if (connection === mine) connection = null;
        throw error;
      });
      connection = mine;
    }
    return connection.promise;
  }

  /** A connection of a page that is not at rest. */
  async function connectAwake() {
    for (;;) {
      await awake;
      const database = await connect();
      if (!wakeUp) return database;
      database.close();
    }
  }

  async function attempt(how, work) {
    const database = await connectAwake();
    try {
      return await inTransaction(database, { ...how, underWay }, work);
    } catch (error) {
      if (!(error instanceof PhoneError) && LOST.has(error?.name)) {
        forget(database);
        database.close();
      }
      throw error;
    }
  }

  /** Nothing of a failed attempt was kept, so `work` may run twice. */
  async function run(how, work) {
    try {
      return await attempt(how, work);
    } catch (error) {
      if (error instanceof PhoneError || !LOST.has(error?.name)) throw storageProblem(error);
    }
    try {
      return await attempt(how, work);
    } catch (error) {
      throw storageProblem(error);
    }
  }

  return {
    read: (stores, work) => run({ mode: "readonly", stores, durability: "default" }, work),
    write: (stores, work) => run({ mode: "readwrite", stores, durability: "strict" }, work),
    /** Lets go of everything, for as long as the page may be frozen: WebKit stops a page with its
     *  transactions half done, and no other page could write or read before it goes on. What is
     *  taken back is done again after `wake`. */
    rest() {
      if (!wakeUp) awake = new Promise((resolve) => { wakeUp = resolve; });
      for (const transaction of [...underWay]) abort(transaction);
      connection?.database?.close();
      connection = null;
    },
    wake() {
      wakeUp?.();
      wakeUp = null;
    },
    close() {
      isClosed = true;
      connection?.database?.close();
      connection = null;
    },
  };
}

/** Lets the database rest while the browser keeps the page frozen for the way back to it; returns
 *  the way to stop. */
export function restWhileFrozen(window, database) {
  const rest = ({ persisted: mayBeFrozen }) => mayBeFrozen && database.rest();
  window.addEventListener("pagehide", rest);
  window.addEventListener("pageshow", database.wake);
  return () => {
    window.removeEventListener("pagehide", rest);
    window.removeEventListener("pageshow", database.wake);
  };
}
