// The worklist refreshes itself. Nothing moves under a pointer, a focus or a half-written note:
// then what is new waits behind a bar. A new emergency is announced at once, whatever happens.

import { el } from "../ui/dom.js";
import { renewAges } from "./ages.js";
import { readPage, SessionOver } from "./fragments.js";
import { beside, followKeys } from "./keys.js";
import { mountOwnDialog } from "./own_dialog.js";
import { ownSettings } from "./own_settings.js";
import { makeAlerts } from "./worklist_alerts.js";
import { openRows } from "./worklist_open.js";
import { compare, isDirty, merge, mergeOne, renewClaims } from "./worklist_rows.js";

const EVERY_MS = 5000;
const AFTER_TROUBLE_MS = 15000;
const POINTER_RESTS_MS = 30000;

const plural = (count, one, many) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** Everything that this list does by itself, by key and by press. */
export function mountWorklist(root) {
  const own = ownSettings(root.dataset.me);
  const alerts = makeAlerts(own);
  const dialog = mountOwnDialog({ own, alerts });
  const rows = openRows(root);
  const live = keepLive(root, { alerts, rows });
  document.addEventListener("clinic:changed", ({ detail }) => live.changed(detail));
  followKeys(keysOf(root, { rows, live, dialog }), () => own.get("keys") && !dialog.isOpen());
  followKeys({
    Escape: () => {
      const row = rows.openRow();
      if (!row || dialog.isOpen() || isDirty(row)) return false;
      return rows.close(row);
    },
  }, () => true);
}

/** Keep this list up to date. */
function keepLive(root, { alerts, rows: opener }) {
  const status = root.querySelector("[data-say]");
  const alarm = root.querySelector("[data-alarm]");
  const bars = el("div", { class: "work-bars" });
  root.append(bars);
  let waiting = null;
  let stamp = rows().dataset.stamp;
  let pointerAt = -Infinity;
  let announced = emergencies(rows());
  let turn = 0;

  function rows() {
    return root.querySelector("[data-rows]");
  }

  root.addEventListener("pointermove", ({ pointerType }) => {
    if (pointerType === "mouse") pointerAt = performance.now();
  });
  root.addEventListener("pointerleave", () => { pointerAt = -Infinity; });

  function isBusy() {
    const isPointed = performance.now() - pointerAt < POINTER_RESTS_MS;
    const isTouched = window.matchMedia("(hover: none)").matches && window.scrollY > 0;
    return isPointed || isTouched || rows().contains(document.activeElement)
      || opener.openRow() !== null;
  }

  async function ask() {
    const query = new URLSearchParams(location.search);
    query.delete("read");
    query.set("stamp", stamp);
    const page = await readPage(`/clinic/worklist/rows?${query}`);
    return page?.querySelector("[data-rows]") ?? null;
  }

  async function look() {
    turn += 1;
    const mine = turn;
    let pause = EVERY_MS;
    try {
      const fresh = await ask();
      say(null);
      if (mine === turn && fresh) take(fresh);
      renewAges(root, Date.now());
    } catch (error) {
      pause = AFTER_TROUBLE_MS;
      say(error instanceof SessionOver ? "signed-out" : "offline");
    }
    if (mine === turn) window.setTimeout(() => { if (mine === turn) look(); }, pause);
  }

  function take(fresh) {
    stamp = fresh.dataset.stamp;
    const news = compare(rows(), fresh);
    announce(fresh);
    count(fresh);
    renewClaims(rows(), fresh);
    if (isBusy() && news.count > 0) {
      waiting = fresh;
      drawBar(news);
      return;
    }
    show(fresh, news);
  }

  function show(fresh, news) {
    waiting = null;
    drawBar(null);
    const place = document.activeElement;
    merge(rows(), document.adoptNode(fresh));
    if (place?.isConnected) place.focus({ preventScroll: true });
    document.querySelector("[data-empty]")?.toggleAttribute("hidden", news.total > 0);
    if (news.added > 0) status.textContent = `${plural(news.added, "row", "rows")} new.`;
  }

  function showWaiting() {
    if (!waiting) return false;
    show(waiting, compare(rows(), waiting));
    return true;
  }

  /** Something was done here: put that row right at once, and leave the others where they are. */
  async function changed({ patientId, close = false }) {
    const row = root.querySelector(`[data-patient="${patientId}"]`);
    const list = stops(root);
    const next = row && list[list.indexOf(row.querySelector("[data-go]")) + 1];
    if (row && close) opener.close(row, { hasFocus: false });
    const fresh = await ask().catch(() => null);
    turn += 1;
    if (fresh) {
      stamp = fresh.dataset.stamp;
      if (row) mergeOne(rows(), fresh, patientId);
      take(fresh);
    }
    if (close) moveOn(patientId, next);
    const mine = turn;
    window.setTimeout(() => { if (mine === turn) look(); }, EVERY_MS);
  }

  function moveOn(patientId, next) {
    const target = root.querySelector(`[data-patient="${patientId}"] [data-go]`)
      ?? (next?.isConnected ? next : stops(root).at(-1)) ?? document.querySelector("[data-title]");
    if (target.matches("h1")) target.setAttribute("tabindex", "-1");
    target.focus({ preventScroll: true });
    target.scrollIntoView({ block: "nearest" });
  }

  function count(fresh) {
    const counts = JSON.parse(fresh.dataset.counts);
    for (const place of document.querySelectorAll("[data-count]")) {
      const number = counts[place.dataset.count];
      if (number !== undefined) place.textContent = number;
    }
    document.querySelector("[data-newest]").textContent = fresh.dataset.newest;
    document.querySelector("[data-title]").textContent = titleOf(counts.needing);
  }

  function drawBar(news) {
    bars.querySelector("[data-news]")?.remove();
    if (news === null) return;
    const words = [
      news.added > 0 && `${news.added} new`,
      news.changed > 0 && `${news.changed} changed`,
      news.gone > 0 && `${news.gone} read by others`,
    ].filter(Boolean).join(", ");
    const button = el("button", { type: "button", class: "btn btn--small",
      onClick: showWaiting }, "Show");
    bars.append(el("div", { class: "work-news", "data-news": true },
      el("span", {}, words), button));
    status.textContent = `${words}. Use the button Show.`;
  }

  function announce(fresh) {
    const now = emergencies(fresh);
    const added = [...now.values()].filter(
      (one) => one.count > (announced.get(one.patientId)?.count ?? 0));
    announced = now;
    if (added.length === 0) return;
    const words = added.map((one) => `New emergency: ${one.name}, ${one.place}.`).join(" ");
    alarm.textContent = words;
    alerts.ring(added.length);
    bars.querySelector("[data-new-emergency]")?.remove();
    bars.prepend(emergencyLine(added[0].patientId, words));
  }

  function emergencyLine(patientId, words) {
    const line = el("div", { class: "work-emergency", "data-new-emergency": true },
      el("span", {}, words));
    const go = el("button", { type: "button", class: "btn btn--small", onClick: () => {
      showWaiting();
      line.remove();
      const target = root.querySelector(`[data-patient="${patientId}"] a`);
      if (!target) {
        location.assign("/clinic?level=emergency");
        return;
      }
      target.focus();
      target.scrollIntoView({ block: "center" });
    } }, "Show");
    const close = el("button", { type: "button", class: "btn btn--small btn--quiet",
      onClick: () => line.remove() }, "Seen");
    line.append(go, close);
    return line;
  }

  function say(trouble) {
    const words = {
      "signed-out": " · Your session has ended. Load the page to sign in.",
      offline: " · Not up to date: the server does not answer.",
    }[trouble] ?? "";
    const place = document.querySelector("[data-live-state]");
    if (place && place.textContent !== words) {
      place.textContent = words;
      if (words) status.textContent = words.slice(3);
    }
  }

  window.setTimeout(look, EVERY_MS);
  return { changed, showWaiting };
}

function keysOf(root, { rows, live, dialog }) {
  const step = (way) => () => {
    const target = beside(stops(root).map((one) => one.closest("[data-patient]")), way);
    target?.querySelector("[data-go]").focus();
    target?.querySelector(".work__row").scrollIntoView({ block: "nearest" });
  };
  const arrow = (way) => (event) => (event.target.matches("[data-go]") ? step(way)() : false);
  const current = () => document.activeElement.closest?.("[data-patient]");
  return {
    j: step(1),
    k: step(-1),
    ArrowDown: arrow(1),
    ArrowUp: arrow(-1),
    o: () => current()?.querySelector("[data-go]").click(),
    r: async () => {
      const row = current() ?? rows.openRow();
      if (!row?.querySelector("[data-open]")) return;
      if (!row.classList.contains("is-open")) await rows.toggle(row);
      const form = row.querySelector("form[action$='/read']");
      const outcome = form?.querySelector("[name=outcome]");
      (outcome?.required ? outcome : form?.querySelector("button"))?.focus();
    },
    u: () => [...document.querySelectorAll("[data-undo] button")].at(-1)?.click(),
    s: () => live.showWaiting(),
    "/": () => location.assign("/clinic/patients#search"),
    "?": () => dialog.open(),
  };
}

const stops = (root) => [...root.querySelectorAll("[data-go]")];

/** Emergencies that nobody has read, on this page or another: by patient, how many and where. */
function emergencies(list) {
  return new Map([...list.querySelectorAll("[data-emergency]")].map((one) => {
    const { emergency: patientId, unread, joint } = one.dataset;
    const row = list.querySelector(`[data-patient="${patientId}"][data-level=emergency]`);
    const place = row?.dataset.place ?? joint;
    return [patientId, { patientId, count: Number(unread), name: one.textContent.trim(), place }];
  }));
}

function titleOf(needing) {
  if (needing === 0) return "Nobody needs you now";
  return plural(needing, "person needs you", "people need you");
}
