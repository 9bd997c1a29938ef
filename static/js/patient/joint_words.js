// A joint with its side, in words: "right knee", "neck". The side is the person's own.

/** The joint of a treatment or check-in, without an article and in small letters. */
export function jointWords({ site, side }, guidance, say) {
  const name = guidance.joints[site]?.name ?? site;
  if (side === null || side === undefined) return name;
  return say("joint_with_side", { side: say(`side_${side}`), joint: name });
}

/** "right knee, left knee and neck" */
export function listWords(names, language = "en-GB") {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(names);
}

/** The same words with a capital at the start, for a heading. */
export function asTitle(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
