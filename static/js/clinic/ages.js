// "3 minutes ago" goes on counting while a page stays open.

const STEPS = [[86400, "day"], [3600, "hour"], [60, "minute"]];
const SAME_TIME_S = 120;

function duration(seconds) {
  const [size, name] = STEPS.find(([least]) => seconds >= least) ?? [1, "second"];
  const count = Math.floor(seconds / size);
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** The same words as the server's. `at` and `now` in milliseconds. */
export function ageWords(at, now) {
  const seconds = (now - at) / 1000;
  if (seconds < -SAME_TIME_S) return `${duration(-seconds)} from now`;
  return seconds < 60 ? "now" : `${duration(seconds)} ago`;
}

/** Bring every age on the page up to date. */
export function renewAges(root, now) {
  for (const node of root.querySelectorAll("[data-age]")) {
    const words = ageWords(Date.parse(node.dataset.age), now);
    if (node.textContent !== words) node.textContent = words;
  }
}
