// Signing out also forgets who was signed in on this device. Without the phone's store (or
// without JavaScript) the form's own way ends the session on the server.

const PATIENCE_MS = 4000;

async function forgetHere() {
  const { openPhone } = await import("../phone.js");
  const phone = await openPhone({ assets: document.documentElement.dataset.assets });
  await phone.signOut({ keep: "sealed" });
  phone.close();
}

function patience() {
  return new Promise((resolve) => { window.setTimeout(resolve, PATIENCE_MS); });
}

async function signOut(form) {
  const reply = await fetch(form.action, { method: "POST", redirect: "manual" });
  if (reply.type !== "opaqueredirect" && reply.status !== 401) {
    throw new Error(`answer ${reply.status}`);
  }
  const forgotten = forgetHere().catch((error) => console.warn("sign out:", error));
  await Promise.race([forgotten, patience()]);
  location.assign("/sign-in");
}

/** Make this form sign out here as well as on the server. */
export function signOutEverywhere(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signOut(form).catch(() => form.submit());
  });
}
