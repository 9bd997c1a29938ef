// What is different between the rows on screen and fresh ones, and putting the fresh ones in
// without touching a row that somebody is reading or writing in.

const MORE = "This has changed since you opened it. Close it and open it again to see the rest.";
const GONE = "This is no longer in the list: it was read meanwhile, or no longer fits the view.";

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

/** Has somebody begun to write or choose in this row? */
export function isDirty(row) {
  return [...row.querySelectorAll("textarea, input, select")].some((field) => {
    if (field.type === "hidden") return false;
    if (field.matches("select")) {
      return [...field.options].some((option) => option.selected !== option.defaultSelected
        && (option.selected ? option.value !== "" : option.defaultSelected));
    }
    if (field.type === "checkbox" || field.type === "radio") {
      return field.checked !== field.defaultChecked;
    }
    return field.value !== field.defaultValue;
  });
}

/** Is somebody in the middle of this row? */
export function isInUse(row) {
  return row.classList.contains("is-open") || isDirty(row);
}

function say(row, words) {
  if (row.querySelector("[data-more]")) return;
  const line = document.createElement("p");
  line.className = "work__warn";
  line.setAttribute("data-more", "");
  line.setAttribute("role", "status");
  line.textContent = words;
  row.querySelector("[data-review-place]")?.prepend(line);
}

/** Who has a row open is told in place: it moves nobody. */
export function renewClaims(shown, fresh) {
  const after = patients(fresh);
  for (const [id, row] of patients(shown)) {
    const [now, next] = [row, after.get(id)].map((one) => one?.querySelector("[data-holder]"));
    if (now && next && now.textContent !== next.textContent) {
      now.replaceChildren(...next.cloneNode(true).childNodes);
    }
  }
}

/** Put the fresh rows in place of those on screen; rows in use stay, with what has become of
    them said. */
export function merge(shown, fresh) {
  const before = patients(shown);
  const after = patients(fresh);
  for (const [id, row] of after) {
    const known = before.get(id);
    if (!known) {
      row.querySelector(".work__row").classList.add("is-new");
      continue;
    }
    const isSame = known.dataset.key === row.dataset.key;
    if (isSame || isInUse(known)) {
      if (!isSame) say(known, MORE);
      row.replaceWith(known);
    }
  }
  for (const [id, row] of before) {
    if (!after.has(id) && isInUse(row)) keep(row, fresh);
  }
  shown.replaceWith(fresh);
}

/** Put this row alone right; everything else stays where it is. */
export function mergeOne(shown, fresh, id) {
  const known = patients(shown).get(id);
  const row = patients(fresh).get(id);
  if (!known) return;
  if (!row) known.remove();
  else if (isInUse(known)) renewHead(known, row);
  else known.replaceWith(row.cloneNode(true));
}

/** What is known of the patient is renewed; what is open under it stays. */
function renewHead(known, row) {
  const now = known.querySelector(".work__row");
  const next = row.querySelector(".work__row").cloneNode(true);
  next.querySelector(".work__act").replaceWith(now.querySelector(".work__act"));
  now.replaceWith(next);
  known.dataset.key = row.dataset.key;
}

function keep(row, fresh) {
  say(row, GONE);
  const table = row.closest("table");
  const list = table.closest("[data-list]").dataset.list;
  const place = fresh.querySelector(`[data-list="${list}"] table`);
  if (place) {
    place.tHead.after(row);
    return;
  }
  const section = table.closest("[data-list]").cloneNode(false);
  const alone = table.cloneNode(false);
  alone.append(table.tHead.cloneNode(true), row);
  section.append(alone);
  fresh.prepend(section);
}
