// The worklist refreshes itself. Nothing moves under a pointer, a focus or a half-written note:
// then what is new waits behind a bar. A new emergency is announced at once, whatever happens.

import { el } from "../ui/dom.js";
import { renewAges } from "./ages.js";
import { readPage, SessionOver } from "./fragments.js";
import { compare, merge } from "./worklist_rows.js";

const EVERY_MS = 5000;
const AFTER_TROUBLE_MS = 15000;
const POINTER_RESTS_MS = 30000;

const plural = (count, one, many) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

/** Keep this list up to date. */
export function keepWorklistLive(root) {
  const status = root.querySelector("[data-say]");
  const alarm = root.querySelector("[data-alarm]");
  const bars = el("div", { class: "work-bars" });
  root.append(bars);
  let waiting = null;
  let stamp = rows().dataset.stamp;
  let pointerAt = -Infinity;
  let announced = new Set(emergencies(rows()).map(keyOf));

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
      || rows().querySelector("details[data-read][open]") !== null;
  }

  async function look() {
    let pause = EVERY_MS;
    try {
      const query = new URLSearchParams(location.search);
      query.delete("read");
      query.set("stamp", stamp);
      const page = await readPage(`/clinic/worklist/rows?${query}`);
      say(null);
      if (page) take(page.querySelector("[data-rows]"));
      renewAges(root, Date.now());
    } catch (error) {
      pause = AFTER_TROUBLE_MS;
      say(error instanceof SessionOver ? "signed-out" : "offline");
    }
    window.setTimeout(look, pause);
  }

  function take(fresh) {
    stamp = fresh.dataset.stamp;
    const news = compare(rows(), fresh);
    announceEmergencies(fresh);
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
    const { needing } = rows().dataset;
    document.querySelector("[data-title]").textContent = titleOf(Number(needing));
    document.querySelector("[data-empty]")?.toggleAttribute("hidden", news.total > 0);
    if (news.added > 0) status.textContent = `${plural(news.added, "row", "rows")} new.`;
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
      onClick: () => show(waiting, compare(rows(), waiting)) }, "Show");
    bars.append(el("div", { class: "work-news", "data-news": true },
      el("span", {}, words), button));
    status.textContent = `${words}. Use the button Show.`;
  }

  function announceEmergencies(fresh) {
    const now = emergencies(fresh);
    const added = now.filter((row) => !announced.has(keyOf(row)));
    announced = new Set(now.map(keyOf));
    if (added.length === 0) return;
    const words = added.map((row) => `New emergency: ${nameOf(row)}, ${row.dataset.place}.`);
    alarm.textContent = words.join(" ");
    bars.querySelector("[data-new-emergency]")?.remove();
    bars.prepend(emergencyLine(added[0], words.join(" ")));
  }

  function emergencyLine(row, words) {
    const line = el("div", { class: "work-emergency", "data-new-emergency": true },
      el("span", {}, words));
    const go = el("button", { type: "button", class: "btn btn--small", onClick: () => {
      if (waiting) show(waiting, compare(rows(), waiting));
      line.remove();
      const target = root.querySelector(`[data-patient="${row.dataset.patient}"] a`);
      target?.focus();
      target?.scrollIntoView({ block: "center" });
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
}

const emergencies = (list) => [...list.querySelectorAll("[data-level=emergency]")];
const keyOf = (row) => `${row.dataset.patient} ${row.dataset.key}`;
const nameOf = (row) => row.querySelector(".work__name").textContent.trim();

function titleOf(needing) {
  if (needing === 0) return "Nobody needs you now";
  return plural(needing, "person needs you", "people need you");
}
