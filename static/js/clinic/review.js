// Reviewing in place: an opened panel says to colleagues that somebody has it, and sends its acts
// without leaving the worklist. Without JavaScript the same form leads to a page and back.
//
// Hears `review:opened` {patientId, body} and `review:closed` {patientId} on the document; tells
// what was done by `clinic:changed` {patientId, close}. What can be undone stands in its place by
// then.

import { SessionOver } from "./fragments.js";
import { showUndo, watchUndo } from "./undo.js";

const RENEW_MS = 60000;
const ENDED = "Your session has ended. Copy what you have typed, then load the page to sign in.";
const NO_LINE = "The server does not answer. What you typed is still here. Try again.";

const addressOf = (patientId, act) => (
  `/clinic/patients/${encodeURIComponent(patientId)}/${act}`);

/** Ask for a part of a page; a refusal that brings the panel again is an answer too. */
async function post(address, fields, options = {}) {
  const reply = await fetch(address, { method: "POST", body: new URLSearchParams(fields),
    redirect: "manual", cache: "no-store", ...options });
  if (reply.type === "opaqueredirect" || reply.status === 401) throw new SessionOver();
  const isPage = (reply.headers.get("Content-Type") ?? "").startsWith("text/html");
  const page = isPage && new DOMParser().parseFromString(await reply.text(), "text/html");
  if (!page) throw new Error(`answer ${reply.status}`);
  return { isOk: reply.ok, page };
}

function fieldsOf(form, button) {
  const fields = [...new FormData(form)]
    .filter(([name, value]) => typeof value === "string" && name !== "back");
  if (button?.name) fields.push([button.name, button.value]);
  return [...fields, ["back", `${location.pathname}${location.search}`], ["in_place", "1"]];
}

/** One patient's review that is open in `body`; returns {close}. */
function keepOpen(body, patientId) {
  let isOpen = true;
  let timer = null;

  function dress() {
    const panel = body.querySelector("[data-review]");
    if (!panel) return;
    mountPanel(panel);
    const form = panel.querySelector("[data-acts]");
    form.removeAttribute("data-once"); // sent from here, and guarded here
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form, event.submitter).catch((error) => fail(form, error));
    });
    dressClaim();
  }

  function dressClaim() {
    body.querySelector("[data-take-over]")?.addEventListener("submit", (event) => {
      event.preventDefault();
      claim({ take_over: "1" }).catch((error) => fail(body.querySelector("[data-acts]"), error));
    });
  }

  async function claim(fields) {
    const { isOk, page } = await post(addressOf(patientId, "claim"), fields);
    const fresh = page.querySelector("[data-review-claim]");
    const shown = body.querySelector("[data-review-claim]");
    if (!isOpen || !isOk || !fresh || !shown) return;
    if (shown.dataset.reviewClaim === fresh.dataset.reviewClaim) return;
    shown.dataset.reviewClaim = fresh.dataset.reviewClaim;
    shown.replaceChildren(...document.adoptNode(fresh).childNodes);
    dressClaim();
  }

  function renew() {
    timer = window.setTimeout(() => {
      claim({}).catch(() => null).then(() => { if (isOpen) renew(); }); // unheard it lapses
    }, RENEW_MS);
  }

  async function send(form, button) {
    if (form.dataset.sent) return;
    form.dataset.sent = "yes";
    button?.setAttribute("aria-busy", "true");
    const address = button?.getAttribute("formaction") || form.getAttribute("action");
    const { isOk, page } = await post(address, fieldsOf(form, button));
    const done = isOk && page.querySelector("[data-review-done]");
    if (done) finish(done);
    else put(page.querySelector("[data-review]"), "[aria-invalid=true]");
  }

  function put(panel, focused) {
    if (!panel) throw new Error("no panel came");
    body.replaceChildren(document.adoptNode(panel));
    dress();
    (body.querySelector(focused) ?? body.querySelector("[data-review-start]")).focus();
  }

  function finish(done) {
    const undo = done.querySelector("[data-undo]");
    const panel = done.querySelector("[data-review]");
    if (undo) {
      showUndo(document.adoptNode(undo));
      watchUndo(undo);
    }
    if (panel) put(panel, "[data-review-start]");
    else stop();
    document.dispatchEvent(new CustomEvent("clinic:changed", {
      detail: { patientId, close: panel === null } }));
  }

  function fail(form, error) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
    const line = form.querySelector("[data-review-say]");
    line.textContent = error instanceof SessionOver ? ENDED : NO_LINE;
    line.hidden = false;
  }

  function stop() {
    isOpen = false;
    window.clearTimeout(timer);
  }

  /** Colleagues may have it. */
  function close() {
    if (!isOpen) return;
    stop();
    post(addressOf(patientId, "claim"), { release: "1" }, { keepalive: true }).catch(() => null);
  }

  dress();
  claim({}).catch(() => null); // telling colleagues is a courtesy: without it one can still work
  renew();
  return { close };
}

/** Follow the reviews that are opened and closed on this page. */
export function followReviews() {
  const open = new Map();
  document.addEventListener("review:opened", ({ detail }) => {
    open.get(detail.patientId)?.close();
    open.set(detail.patientId, keepOpen(detail.body, detail.patientId));
  });
  document.addEventListener("review:closed", ({ detail }) => {
    open.get(detail.patientId)?.close();
    open.delete(detail.patientId);
  });
  window.addEventListener("pagehide", () => {
    for (const one of open.values()) one.close();
    open.clear();
  });
}

/** What a panel can do by itself, on whatever page it stands: messages to choose, and counting. */
export function mountPanel(panel) {
  const choice = panel.querySelector("[data-message-choice]");
  if (choice) fillIn(choice, panel.querySelector("[data-message]"));
  for (const field of panel.querySelectorAll("[data-most]")) countLetters(field);
}

function fillIn(choice, text) {
  let chosen = "";
  choice.addEventListener("change", () => {
    const words = choice.selectedOptions[0].dataset.text ?? "";
    const isOwn = text.value.trim() !== "" && text.value !== chosen;
    chosen = isOwn ? `${text.value.trimEnd()}\n\n${words}` : words;
    text.value = chosen;
    choice.value = ""; // the field has it now, and only what stands there is sent
    text.dispatchEvent(new Event("input", { bubbles: true }));
    text.focus();
  });
}

function countLetters(field) {
  const most = Number(field.dataset.most);
  const line = document.getElementById(field.dataset.count);
  const show = () => {
    const left = most - [...field.value].length;
    line.hidden = left > most / 10;
    line.classList.toggle("is-over", left < 0);
    line.textContent = left < 0 ? `${-left} letters too many (at most ${most})`
      : `${left} letters left`;
  };
  field.addEventListener("input", show);
  show();
}
