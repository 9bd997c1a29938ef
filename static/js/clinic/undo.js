// "Marked as read. Undo" goes away when it is too late.

/** Take this line away when its seconds are over, unless somebody is on it. */
export function watchUndo(line) {
  const gone = () => {
    if (line.contains(document.activeElement)) {
      line.querySelector("button").disabled = true;
    } else {
      line.remove();
    }
  };
  window.setTimeout(gone, (Number(line.dataset.undo) + 1) * 1000);
}

/** The same for every line that came with the page. */
export function fadeUndo(root) {
  for (const line of root.querySelectorAll("[data-undo]")) watchUndo(line);
}

/** Show what can be undone at the top of the page; an earlier line makes room for it. */
export function showUndo(line) {
  for (const old of document.querySelectorAll("[data-undo]")) {
    if (old !== line) old.remove();
  }
  const place = document.querySelector("[data-undo-place]") ?? document.querySelector("main");
  place.prepend(line);
}
