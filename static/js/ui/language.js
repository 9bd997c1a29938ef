// In which language this page speaks, and how its browser writes dates and lists in it.

const AS_IN_BRITAIN = "en-GB";

/** The language of this page: "en", "es". */
export const spoken = (document = globalThis.document) => document?.documentElement.lang || "en";

/** What Intl is asked for. English dates are written as in Britain, and so are those of a
 *  language that this browser does not know. */
export function locale(language = spoken()) {
  if (language === "en") return AS_IN_BRITAIN;
  return Intl.DateTimeFormat.supportedLocalesOf([language])[0] ?? AS_IN_BRITAIN;
}

/** A value as it stands in a sentence. From right to left it stands apart, or the groups of a
 *  telephone number would change their places. */
export const apart = (value) => (globalThis.document?.documentElement.dir === "rtl"
  ? `\u2068${value}\u2069` : String(value));

/** A telephone number as it stands in a sentence: its groups stay on one line. */
export const unbroken = (number) => apart(String(number).replaceAll(" ", "\u00a0"));

/** Whether a number takes the words for one in this language. */
export const isOne = (count) => new Intl.PluralRules(locale()).select(count) === "one";
