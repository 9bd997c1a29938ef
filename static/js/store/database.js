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
function inTransaction(database, { mode, stores, durability }, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode, { durability });
    let outcome;
    let failure = null;
    transaction.oncomplete = () => resolve(outcome);
    transaction.onabort = () => {
      const own = transaction.error;
      const isFull = own?.name === "QuotaExceededError";
      reject((isFull ? own : failure || own) || new DOMException("aborted", "AbortError"));
    };
    const tables = Object.fromEntries(
      stores.map((name) => [name, table(transaction.objectStore(name))]),
    );
    Promise.resolve().then(() => work(tables)).then((value) => { outcome = value; }, (error) => {
      failure = error;
      try {
        transaction.abort();
      } catch {
        // Already aborting: onabort tells.
      }
    });
  });
}

/** A database that opens when it is first needed and opens again when it was closed under us.
 *
 *  `onState({ok, reason})` hears when storage is refused, blocked by another tab, or well again. */
export function createDatabase({ indexedDB, name, migrations, storeNames, setTimer,
  onState = () => {} }) {
  const version = migrations.at(-1).version;
  let connection = null;
  let isClosed = false;

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
      const problem = storageProblem(error, "storage-refused");
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

  async function attempt(how, work) {
    const database = await connect();
    try {
      return await inTransaction(database, how, work);
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
    close() {
      isClosed = true;
      connection?.database?.close();
      connection = null;
    },
  };
}
