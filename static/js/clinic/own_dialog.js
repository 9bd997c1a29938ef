// "Alerts and keys": the dialog that sets them on this device.

/** Make the button open the dialog; returns {open}. */
export function mountOwnDialog({ own, alerts }) {
  const dialog = document.querySelector("[data-own]");
  const button = document.querySelector("[data-own-open]");
  const note = dialog.querySelector("[data-own-sound]");
  const notePlain = note.textContent;
  const form = dialog.querySelector("form");

  for (const box of form.querySelectorAll("input[type=checkbox]")) {
    box.checked = own.get(box.name);
    box.addEventListener("change", () => {
      own.set({ [box.name]: box.checked });
      if (box.name === "badge" && !box.checked) alerts.calm();
      if (box.name === "sound" && box.checked) attempt();
    });
  }
  dialog.querySelector("[data-own-try]").addEventListener("click", attempt);

  async function attempt() {
    const couldSound = await alerts.attempt().catch(() => false);
    note.textContent = couldSound ? notePlain : "This browser plays no sound here just now.";
  }

  function open() {
    if (!dialog.open) dialog.showModal();
  }

  button.hidden = false;
  button.addEventListener("click", open);
  return { open, isOpen: () => dialog.open };
}
