/**
 * A sheet at the foot of the screen that one thumb can leave: by its close button, by dragging it
 * down, by a tap beside it, with Escape, and with the phone's own way back.
 *
 * What lives here: opening and leaving. What does not: what the sheet shows.
 */

const FAR_ENOUGH = 96;
const FAST_ENOUGH = 0.6;
const AFTER_A_MOMENT = 24;

/**
 * `fill(key)` draws what belongs to this key and says whether there is anything; `onClose(key)`
 * hears that the person has left. The key stands in the history, so that the way back closes the
 * sheet and a page that is come back to shows it again.
 */
export function bottomSheet({ dialog, window, fill, onClose }) {
  let shown = null;

  const show = (key) => {
    if (!fill(key)) {
      return false;
    }
    shown = key;
    if (!dialog.open) {
      dialog.showModal();
    }
    return true;
  };
  const open = (key) => {
    if (show(key)) {
      window.history.pushState({ ...window.history.state, sheet: key }, "");
    }
  };
  const followHistory = () => {
    const key = window.history.state?.sheet ?? null;
    if (key === null && dialog.open) {
      dialog.close();
    } else if (key !== null) {
      show(key);
    }
  };

  dialog.addEventListener("close", () => {
    const left = shown;
    shown = null;
    if (window.history.state?.sheet) {
      window.history.back();
    }
    onClose(left);
  });
  window.addEventListener("popstate", followHistory);
  leaveByTouch(dialog);
  leaveByDrag(dialog, window);
  followHistory();
  return { open };
}

function leaveByTouch(dialog) {
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) {
      dialog.close();
    }
  });
}

function leaveByDrag(dialog, window) {
  const grip = dialog.querySelector("[data-grip]");
  let from = null;
  const moved = (event) => Math.max(0, event.clientY - from.y);
  const letGo = () => {
    from = null;
    dialog.classList.remove("is-dragged");
    dialog.style.transform = "";
  };

  grip.addEventListener("pointerdown", (event) => {
    if (event.isPrimary && event.button === 0) {
      from = { y: event.clientY, at: event.timeStamp };
      grip.setPointerCapture(event.pointerId);
      dialog.classList.add("is-dragged");
    }
  });
  grip.addEventListener("pointermove", (event) => {
    if (from) {
      dialog.style.transform = `translateY(${moved(event)}px)`;
    }
  });
  grip.addEventListener("pointerup", (event) => {
    if (!from) {
      return;
    }
    const leaves = isAWayOut(moved(event), event.timeStamp - from.at);
    letGo();
    if (leaves) {
      dialog.close();
    }
  });
  grip.addEventListener("pointercancel", letGo);
  window.addEventListener("blur", letGo);
}

/** Whether a drag down this far (px), in this time (ms), was meant to close. */
export function isAWayOut(distance, duration) {
  return distance > FAR_ENOUGH
    || (distance > AFTER_A_MOMENT && distance / Math.max(duration, 1) > FAST_ENOUGH);
}
