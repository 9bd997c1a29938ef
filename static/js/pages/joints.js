/**
 * The body to choose from: front or back on a narrow screen, and a look at what the studies found
 * before the page of the joint opens. Without this script every joint is a plain link.
 */

const NARROW = "(max-width: 43.99em)";

export async function start(root, { phone }) {
  const body = root.querySelector("#body");
  const guidance = await phone.guidance();
  showViews(body);
  choosing({ body, picked: root.querySelector("#picked"), joints: guidance.joints });
}

function showViews(body) {
  const buttons = [...body.querySelectorAll("[data-view]")];
  const figures = [...body.querySelectorAll("[data-body]")];
  const show = (view) => {
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.view === view));
    }
    for (const figure of figures) {
      figure.classList.toggle("is-shown", figure.dataset.body === view);
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => show(button.dataset.view));
  }
  body.classList.add("has-views");
}

function choosing({ body, picked, joints }) {
  const spots = [...body.querySelectorAll(".spot")];
  for (const spot of spots) {
    spot.addEventListener("click", (event) => {
      if (isForTheBrowser(event) || !joints[spot.dataset.site]) {
        return;
      }
      event.preventDefault();
      mark(spots, spot);
      describe(picked, spot, joints[spot.dataset.site]);
    });
  }
}

/* Opening in a new tab stays what it is. */
function isForTheBrowser(event) {
  return event.ctrlKey || event.metaKey || event.shiftKey || event.button > 0;
}

function mark(spots, chosen) {
  const isSame = (spot) => spot.dataset.site === chosen.dataset.site
    && spot.dataset.side === chosen.dataset.side;
  for (const spot of spots) {
    if (isSame(spot)) {
      spot.setAttribute("aria-current", "true");
    } else {
      spot.removeAttribute("aria-current");
    }
  }
}

function describe(picked, spot, joint) {
  const { site } = spot.dataset;
  const part = (name) => picked.querySelector(`[data-picked-${name}]`);
  part("name").textContent = spot.getAttribute("aria-label");
  part("evidence").textContent = joint.evidence_label;
  part("about").textContent = `About the ${joint.name}`;
  part("about").setAttribute("href", spot.getAttribute("href"));
  part("aftercare").textContent = `${joint.name_title} aftercare`;
  part("aftercare").setAttribute("href", `/aftercare/${site}`);
  picked.hidden = false;
  part("name").focus({ preventScroll: !window.matchMedia(NARROW).matches });
}
