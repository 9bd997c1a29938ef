// Gives the patient a file made on the phone itself; nothing leaves it.

/** Offers `data` as a JSON file under this name. */
export function offerFile(name, data) {
  const blob = new Blob([JSON.stringify(data, null, 2)], { type: "application/json" });
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  // The download has its own copy of the address only after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
