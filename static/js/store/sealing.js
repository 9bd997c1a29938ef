// AES-256-GCM over JSON values. Keys and boxes are handed in; nothing is kept here.

const IV_BYTES = 12;
const KEY_BYTES = 32;
const KEY_USES = ["encrypt", "decrypt"];
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Whether this browser can seal at all: WebCrypto is there in secure contexts only. */
export const canSeal = (crypto) => Boolean(crypto?.subtle);

export function createSealing({ crypto }) {
  const how = (iv, about) => ({ name: "AES-GCM", iv, additionalData: encoder.encode(about) });

  const importAs = (raw, uses) => crypto.subtle.importKey("raw", raw, "AES-GCM", false, uses);

  /** A key that scripts can use and nobody can read out through the browser. */
  const importKey = (raw) => importAs(raw, KEY_USES);

  /** A key under lock: {lock, iv, wrapped}. The lock is a Blob, which browsers keep in a file of
   *  its own and remove with its row; what was in a row itself can stay in their log for long. */
  async function lockUp(raw, about) {
    const secret = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const wrapped = await crypto.subtle.encrypt(how(iv, about), await importAs(secret, ["encrypt"]),
      raw);
    return { lock: new Blob([secret]), iv, wrapped: new Uint8Array(wrapped) };
  }

  /** The key again. Rejects where the lock is gone or another one. */
  async function unlock({ lock, iv, wrapped }, about) {
    const secret = await importAs(await lock.arrayBuffer(), ["unwrapKey"]);
    return crypto.subtle.unwrapKey("raw", wrapped, secret, how(iv, about), "AES-GCM", false,
      KEY_USES);
  }

  /** `value` sealed: {iv, ciphertext}. It opens only together with the same `about`. */
  async function seal(key, value, about) {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const plain = encoder.encode(JSON.stringify(value));
    const sealed = await crypto.subtle.encrypt(how(iv, about), key, plain);
    return { iv, ciphertext: new Uint8Array(sealed) };
  }

  /** The value again. Rejects where key, box or `about` is another one. */
  async function open(key, { iv, ciphertext }, about) {
    const plain = await crypto.subtle.decrypt(how(iv, about), key, ciphertext);
    return JSON.parse(decoder.decode(plain));
  }

  return { importKey, lockUp, unlock, seal, open };
}

/** Bytes as base64, for a file. */
export function asBase64(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** 32 bytes out of base64 text, or null where it is none. */
export function keyBytes(text) {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    return bytes.length === KEY_BYTES ? bytes : null;
  } catch {
    return null;
  }
}
