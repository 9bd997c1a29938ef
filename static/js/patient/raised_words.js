// Who says that a check-in is more urgent than this phone did: a person at the clinic, by name, or
// the clinic's server.

/** The sentence, or null where nothing was raised. */
export function raisedWords(thread, say) {
  if (!thread?.is_raised_by_server) return null;
  return thread.raised_by ? say("result_raised_by", { name: thread.raised_by })
    : say("result_more_urgent");
}
