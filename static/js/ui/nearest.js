/** Going from place to place with the arrow keys, on a drawing where nothing stands in rows. */

const TO = {
  ArrowUp: { along: "y", across: "x", sign: -1 },
  ArrowDown: { along: "y", across: "x", sign: 1 },
  ArrowLeft: { along: "x", across: "y", sign: -1 },
  ArrowRight: { along: "x", across: "y", sign: 1 },
};
const SIDEWAYS_COSTS = 2;

/**
 * The place to go to from `from` with this key, as an index; null where there is none that way.
 *
 * `places` are `{x, y}`. What lies straight ahead wins over what lies nearer but aside.
 */
export function nextPlace(places, from, key) {
  if (key === "Home" || key === "End") {
    return key === "Home" ? 0 : places.length - 1;
  }
  const way = TO[key];
  if (!way) {
    return null;
  }
  let best = null;
  for (const [index, place] of places.entries()) {
    const ahead = (place[way.along] - places[from][way.along]) * way.sign;
    const aside = Math.abs(place[way.across] - places[from][way.across]);
    const cost = ahead + SIDEWAYS_COSTS * aside;
    if (ahead > 1 && (best === null || cost < best.cost)) {
      best = { index, cost };
    }
  }
  return best?.index ?? null;
}
