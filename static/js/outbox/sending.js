// What talks to the server about what is kept here: the keys, the sender, whose turn it is. It is
// loaded once somebody is signed in, signs in or out; a stranger who reads does without it.

import { createSealOld } from "../store/seal_old.js";
import { createKeyDesk } from "./key_desk.js";
import { createSender } from "./sender.js";
import { createTurn } from "./turn.js";

/** {desk, sealOld, sender}, of the same parts as the phone's own. */
export function createSending({ database, KeyRange, vault, api, locks, now, uuid, ...others }) {
  const desk = createKeyDesk({ api, vault, database, KeyRange, uuid });
  const sealOld = createSealOld({ database, KeyRange, vault });
  const turn = createTurn({ database, locks, now, uuid });
  const sender = createSender({ ...others, database, vault, api, now, turn, desk, sealOld });
  return { desk, sealOld, sender };
}
