// What one clinician wants on one device: a sound, a number in the tab's title, keys. It holds
// nothing of any patient.

const AT_FIRST = Object.freeze({ sound: false, badge: false, keys: true });

/** The settings of this account here: {get, set}. Where nothing can be kept they last a page. */
export function ownSettings(account, storage = window.localStorage) {
  const name = `clinic-desk:${account}`;
  let now = { ...AT_FIRST, ...read(storage, name) };

  function set(changed) {
    now = { ...now, ...changed };
    try {
      storage.setItem(name, JSON.stringify(now));
    } catch (error) {
      console.warn("settings of this device:", error);
    }
  }

  return { get: (key) => now[key], set };
}

function read(storage, name) {
  try {
    const kept = JSON.parse(storage.getItem(name) ?? "{}");
    return Object.fromEntries(Object.keys(AT_FIRST)
      .filter((key) => typeof kept?.[key] === "boolean").map((key) => [key, kept[key]]));
  } catch {
    return {};
  }
}
