// How each kind of row is sealed: what goes into its box, what stays outside, and what binds the
// box to its row. Rows of the first release carry a plain `body` in the place of a box.

export const SEALED = 2; // `v` of a row with a box

const aboutEvent = ({ event_id: id, owner, device_id: device, dseq }) => (
  [id, owner, device, dseq].join("|"));
const aboutReply = (row) => `${aboutEvent(row)}|reply`;
const aboutChange = ({ owner, epoch, seq }) => [owner, epoch, seq].join("|");
const aboutDraft = (owner, name) => [owner, "draft", name].join("|");
const aboutClinic = (owner) => [owner, "clinic"].join("|");
const aboutSession = (owner) => [owner, "session"].join("|");

/** What the sender must know of a problem without opening anything. */
const bareProblem = (problem) => problem && { kind: problem.kind,
  ...(problem.is_deferred && { is_deferred: true }) };

const wordsOf = ({ problem, server_verdict: verdict }) => {
  const words = {
    ...(verdict && { server_verdict: verdict }),
    ...(problem && { field: problem.field ?? null, detail: problem.detail ?? "" }),
  };
  return Object.keys(words).length ? words : null;
};

// --- events ----------------------------------------------------------------------------------

/** An event row with its body in a box; as it is where there is no key. */
export async function sealEvent(vault, row) {
  const box = await vault.seal(row.owner, row.body, aboutEvent(row));
  if (!box) return row;
  const { body, server_verdict: verdict, ...rest } = row;
  const words = wordsOf(row);
  const reply = words && await vault.seal(row.owner, words, aboutReply(row));
  return { ...rest, v: SEALED, problem: bareProblem(row.problem), box, reply };
}

/** An event row as the rest of the phone reads it; `body` is null where it cannot be opened. */
export async function openEvent(vault, row) {
  if (row.body) return row;
  const body = await vault.open(row.owner, row.box, aboutEvent(row)) ?? null;
  const words = row.reply ? await vault.open(row.owner, row.reply, aboutReply(row)) ?? {} : {};
  const { server_verdict: verdict = null, field = null, detail = "" } = words;
  return { ...row, body, server_verdict: verdict,
    problem: row.problem && { field, detail, ...row.problem } };
}

/** What a reply said of an event, ready for its row: {problem, server_verdict} of a plain one,
 *  {problem, reply} of a sealed one. What cannot be sealed (signed out meanwhile) is left out. */
export async function sealReply(vault, row, { problem = null, server_verdict: verdict = null }) {
  if (row.body && !row.box) return { problem, server_verdict: verdict };
  const words = wordsOf({ problem, server_verdict: verdict });
  return { problem: bareProblem(problem),
    reply: words && await vault.seal(row.owner, words, aboutReply(row)) };
}

// --- the record ------------------------------------------------------------------------------

/** A row of the record in a box, or as it is without a key. Says outside only what is needed to
 *  find it: whether it is an event, and which. */
export async function sealChange(vault, row) {
  const { type, at, body, ...rest } = row;
  const box = await vault.seal(row.owner, { type, at, body }, aboutChange(row));
  return box ? { ...rest, v: SEALED, is_check_in: type === "check_in", box } : row;
}

/** The same row opened, or null. */
export async function openChange(vault, row) {
  if (!row.box) return row;
  const opened = await vault.open(row.owner, row.box, aboutChange(row));
  return opened ? { ...row, ...opened } : null;
}

export const isCheckIn = (row) => row.is_check_in ?? row.type === "check_in";

// --- drafts, the clinic's words, the session -----------------------------------------------------

export async function sealDraft(vault, { owner, name, body }) {
  const box = await vault.seal(owner, { body }, aboutDraft(owner, name));
  return box ? { owner, name, v: SEALED, box } : { owner, name, v: 1, body };
}

/** What is in a draft's row, or null. */
export async function openDraft(vault, row) {
  if (!row?.box) return row?.body ?? null;
  return (await vault.open(row.owner, row.box, aboutDraft(row.owner, row.name)))?.body ?? null;
}

export async function sealClinic(vault, { owner, version, body }) {
  const box = await vault.seal(owner, body, aboutClinic(owner));
  return box ? { owner, v: SEALED, version, box } : { owner, v: 1, version, body };
}

export async function openClinic(vault, row) {
  if (!row?.box) return row?.body ?? null;
  return await vault.open(row.owner, row.box, aboutClinic(row.owner)) ?? null;
}

/** The row of who is signed in: the name is in the box, the account's id beside it. */
export async function sealSession(vault, session) {
  const { display_name: name, ...rest } = session;
  const box = await vault.seal(session.account, { display_name: name },
    aboutSession(session.account));
  return box ? { v: SEALED, session: rest, box } : { v: 1, session };
}

export async function openSession(vault, { session, box }) {
  if (!box) return session;
  const opened = await vault.open(session.account, box, aboutSession(session.account));
  return { ...session, display_name: opened?.display_name ?? "" };
}
