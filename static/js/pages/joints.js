/**
 * The body to choose from: front or back on a narrow screen, arrow keys from joint to joint, and
 * a sheet that tells of the chosen one. Without this script every joint is a plain link.
 */

import { bottomSheet } from "../ui/bottom_sheet.js";
import { nextPlace } from "../ui/nearest.js";

export async function start(root) {
  const body = root.querySelector("#body");
  showViews(body);
  for (const drawing of body.querySelectorAll(".body__drawing")) {
    goWithArrows(drawing);
  }
  const dialog = root.querySelector("#picked");
  if (typeof dialog.showModal === "function") {
    choosing(root, dialog);
  }
}

function showViews(body) {
  const buttons = [...body.querySelectorAll("[data-view]")];
  const show = (view) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    for (const figure of body.querySelectorAll("[data-body]")) {
      figure.classList.toggle("is-shown", figure.dataset.body === view);
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => show(button.dataset.view));
  }
  body.classList.add("has-views");
}

/* Tab still reaches each joint: a switch may have no arrows. */
function goWithArrows(drawing) {
  drawing.addEventListener("keydown", (event) => {
    const spots = [...drawing.querySelectorAll(".spot")];
    const here = spots.indexOf(event.target.closest(".spot"));
    const to = here < 0 || hasModifier(event) ? null
      : nextPlace(spots.map(placeOf), here, event.key);
    if (to !== null) {
      event.preventDefault();
      spots[to].focus();
    }
  });
}

function placeOf(spot) {
  const ring = spot.querySelector(".spot__ring");
  return { x: Number(ring.getAttribute("cx")), y: Number(ring.getAttribute("cy")) };
}

function choosing(root, dialog) {
  const links = [...root.querySelectorAll("a[data-site]")];
  let opener = null;
  const sheet = bottomSheet({
    dialog,
    window,
    fill: (key) => describe(root, dialog, links, key),
    onClose: (key) => {
      mark(links, null);
      const first = links.find((link) => keyOf(link) === key && isShown(link));
      (opener ?? first)?.focus({ preventScroll: true });
      opener = null;
    },
  });
  for (const link of links) {
    link.addEventListener("click", (event) => {
      if (!hasModifier(event) && event.button === 0) {
        event.preventDefault();
        opener = link;
        sheet.open(keyOf(link));
      }
    });
  }
}

function describe(root, dialog, links, key) {
  const chosen = links.find((link) => keyOf(link) === key);
  if (!chosen) {
    return false;
  }
  const { site } = chosen.dataset;
  const body = dialog.querySelector("[data-sheet-body]");
  const words = root.querySelector(`template[data-sheet="${site}"]`);
  body.replaceChildren(words.content.cloneNode(true));
  body.scrollTop = 0;
  const about = dialog.querySelector("[data-about]");
  about.textContent = words.dataset.about;
  about.setAttribute("href", chosen.getAttribute("href"));
  dialog.querySelector("#picked-name").textContent =
    chosen.getAttribute("aria-label") ?? chosen.textContent;
  mark(links, key);
  return true;
}

function mark(links, key) {
  for (const link of links) {
    if (keyOf(link) === key) {
      link.setAttribute("aria-current", "true");
    } else {
      link.removeAttribute("aria-current");
    }
  }
}

function keyOf(link) {
  const { site, side } = link.dataset;
  return side ? `${site} ${side}` : site;
}

function isShown(link) {
  return link.getClientRects().length > 0;
}

/* Opening in a new tab stays what it is. */
function hasModifier(event) {
  return event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
}
