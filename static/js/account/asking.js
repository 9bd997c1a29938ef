// Asking the server from the account's own modules.

/** {ok, body}, or {ok: false, kind, detail} as `phone.signIn` refuses. */
export async function post(api, path, body = {}) {
  const reply = await api.post(path, body);
  if (reply.outcome === "ok") return { ok: true, body: reply.body };
  const kind = reply.outcome === "problem" ? reply.kind
    : { "no-answer": "offline" }[reply.outcome] ?? "not-ours";
  return { ok: false, kind, detail: reply.detail ?? "", retry_after_s: reply.retry_after_s };
}

/** The phone with its store, for a page that has none; closed when `work` is done. */
export async function withPhone(work) {
  const { openPhone } = await import("../phone.js");
  const phone = await openPhone({ assets: document.documentElement.dataset.assets });
  try {
    return await work(phone);
  } finally {
    phone.close();
  }
}
