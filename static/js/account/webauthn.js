// The browser's own part of passkeys: what the server asks as JSON, and what the device answers.
// Written out by hand: not every browser that has passkeys can turn them into JSON itself.

const bytesOf = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

const textOf = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replace(/={1,2}$/, "");

const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytesOf(one.id) }));

const REASONS = {
  NotAllowedError: "passkey-stopped",
  AbortError: "passkey-stopped",
  InvalidStateError: "passkey-known",
  SecurityError: "passkey-not-here",
};

/** Whether this browser knows passkeys at all. */
export const canUsePasskeys = () => (
  typeof window.PublicKeyCredential === "function" && Boolean(navigator.credentials));

function answer(credential, response) {
  return {
    id: credential.id, rawId: textOf(credential.rawId), type: credential.type,
    clientExtensionResults: {}, response,
  };
}

async function attempt(work) {
  try {
    return { ok: true, credential: await work() };
  } catch (error) {
    return { ok: false, kind: REASONS[error?.name] ?? "passkey-failed", detail: "" };
  }
}

/** Makes a passkey. {ok, credential} or {ok: false, kind}. */
export const makePasskey = (options) => attempt(async () => {
  const made = await navigator.credentials.create({ publicKey: {
    ...options, challenge: bytesOf(options.challenge),
    user: { ...options.user, id: bytesOf(options.user.id) },
    excludeCredentials: named(options.excludeCredentials),
  } });
  return answer(made, {
    clientDataJSON: textOf(made.response.clientDataJSON),
    attestationObject: textOf(made.response.attestationObject),
    transports: made.response.getTransports?.() ?? [],
  });
});

/** Proves a passkey. {ok, credential} or {ok: false, kind}. */
export const provePasskey = (options) => attempt(async () => {
  const proof = await navigator.credentials.get({ publicKey: {
    ...options, challenge: bytesOf(options.challenge),
    allowCredentials: named(options.allowCredentials),
  } });
  const { clientDataJSON, authenticatorData, signature, userHandle } = proof.response;
  return answer(proof, {
    clientDataJSON: textOf(clientDataJSON), authenticatorData: textOf(authenticatorData),
    signature: textOf(signature), ...(userHandle ? { userHandle: textOf(userHandle) } : {}),
  });
});
