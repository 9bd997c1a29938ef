// What to say when the phone did not save something. Nothing typed is lost by it.

const WORDS = {
  "storage-full": ["save_failed_full", "save_failed_full_do"],
  "storage-lost": ["save_failed_lost", "save_failed_lost_do"],
  "storage-refused": ["save_failed_refused", "save_failed_refused_do"],
};

/** The sentences for a failed phone.save. */
export function saveFailureLines(error, say) {
  return (WORDS[error?.kind] ?? ["save_failed_other"]).map((key) => say(key));
}
