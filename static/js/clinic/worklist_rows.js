// What is different between the rows on screen and fresh ones, and putting the fresh ones in
// without touching a row that somebody is reading or writing in.

const patients = (list) => new Map(
  [...list.querySelectorAll("[data-patient]")].map((row) => [row.dataset.patient, row]));

/** How many rows are new, changed and gone. */
export function compare(shown, fresh) {
  const before = patients(shown);
  const after = patients(fresh);
  let added = 0;
  let changed = 0;
  for (const [id, row] of after) {
    const known = before.get(id);
    if (!known) added += 1;
    else if (known.dataset.key !== row.dataset.key) changed += 1;
  }
  const gone = [...before.keys()].filter((id) => !after.has(id)).length;
  return { added, changed, gone, count: added + changed + gone, total: after.size };
}

/** Is somebody in the middle of this row? */
export function isInUse(row) {
  const note = row.querySelector("textarea");
  const outcome = row.querySelector("select");
  return row.querySelector("details[data-read]")?.open === true
    || (note !== null && note.value !== note.defaultValue)
    || (outcome !== null && outcome.selectedIndex > 0);
}

function sayMore(row) {
  if (row.querySelector("[data-more]")) return;
  const words = document.createElement("p");
  words.className = "work__warn";
  words.setAttribute("data-more", "");
  words.textContent = "This has changed since you opened it. Load the page to see the rest.";
  row.querySelector(".read__body")?.prepend(words);
}

/** Put the fresh rows in place of those on screen; rows in use keep their place in the page. */
export function merge(shown, fresh) {
  const before = patients(shown);
  for (const [id, row] of patients(fresh)) {
    const known = before.get(id);
    if (!known) {
      row.querySelector(".work__row").classList.add("is-new");
      continue;
    }
    const isSame = known.dataset.key === row.dataset.key;
    if (isSame || isInUse(known)) {
      if (!isSame) sayMore(known);
      row.replaceWith(known);
    }
  }
  shown.replaceWith(fresh);
}
