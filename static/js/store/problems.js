// How the phone's own failures are named. Pages show words for `kind`; nothing here is drawn.

/** A failure with a name: "storage-full", "storage-refused", "account-changed" and so on. */
export class PhoneError extends Error {
  constructor(kind, detail = "") {
    super(detail || kind);
    this.name = "PhoneError";
    this.kind = kind;
    this.detail = detail;
  }
}

/** What IndexedDB threw, under the name that a page can explain. */
export function storageProblem(error, otherwise = "storage-failed") {
  if (error instanceof PhoneError) return error;
  if (error?.name === "QuotaExceededError") {
    return new PhoneError("storage-full", "There is no room left on this phone.");
  }
  return new PhoneError(otherwise, String(error?.message || error || ""));
}
