// A joint with its side, in words: "right knee", "neck". The side is the person's own.

import { locale } from "../ui/language.js";

/** The joint of a treatment or check-in, without an article and in small letters. Each language
 *  says the whole: in some the side follows the joint and bends with it. */
export function jointWords({ site, side }, guidance) {
  const joint = guidance.joints[site];
  return joint?.[`name_${side}`] ?? joint?.name ?? site;
}

/** "right knee, left knee and neck" */
export function listWords(names, language = locale()) {
  return new Intl.ListFormat(language, { type: "conjunction" }).format(names);
}

/** The same words with a capital at the start, for a heading. */
export function asTitle(text) {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
