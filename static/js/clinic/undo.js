// "Marked as read. Undo" goes away when it is too late.

/** Take away each line when its seconds are over, unless somebody is on it. */
export function fadeUndo(root) {
  for (const line of root.querySelectorAll("[data-undo]")) {
    const gone = () => {
      if (line.contains(document.activeElement)) {
        line.querySelector("button").disabled = true;
      } else {
        line.remove();
      }
    };
    window.setTimeout(gone, (Number(line.dataset.undo) + 1) * 1000);
  }
}
