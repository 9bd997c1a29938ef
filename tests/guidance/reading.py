"""Reading patient text the way a patient does: sentences, words, and a reading grade.

Lives here: which words a page shows, how a sentence ends, what counts as a word, and the terms
that cannot be avoided. The rules about them are in test_words.
"""

import re

import textstat

# Copy rule 14 lets these count as one short word: they cannot be avoided.
UNAVOIDABLE = (
    "anti-inflammatory",
    "prolotherapy",
    "shoulder",
    "ankle",
    "elbow",
)

SENTENCE_END = re.compile(r"(?<=[.!?])[”\")]*\s+")
WORD = re.compile(r"[^\s]*[A-Za-z0-9{][^\s]*")


def sentences(text):
    """Split at a full stop, a question mark or an exclamation mark before a space.

    A colon, a comma or a bracket does not end a sentence, so nothing long hides behind one.
    """
    return [part for part in SENTENCE_END.split(text.strip()) if part]


def words(sentence):
    """Everything between spaces that holds a letter or a digit; a number is a word."""
    return WORD.findall(sentence)


def grade(texts):
    """The Flesch-Kincaid grade of a page, with every item of a list ended as a sentence."""
    page = " ".join(_ended(text) for text in texts)
    for term in UNAVOIDABLE:
        page = re.sub(rf"\b{term}\b", "term", page, flags=re.IGNORECASE)
    return textstat.flesch_kincaid_grade(page)


def _ended(text):
    return text if text[-1] in ".!?" else f"{text}."


def filled(text):
    """A text with every {placeholder} replaced by something of the length that it will have."""
    return re.sub(r"\{[^{}]*\}", "10", text)


def statement_texts(lines):
    """What a page draws of these statements."""
    for line in lines:
        yield filled(line.words())


def joint_page(joint):
    """All that the page of a joint says, in any order."""
    yield joint.name
    yield joint.name_title
    yield from (name for name in (joint.name_left, joint.name_right) if name)
    yield joint.evidence_label
    for group in (
        joint.conditions,
        joint.structures,
        joint.session,
        joint.sessions_in_studies,
        joint.evidence_notes,
        joint.risks,
        joint.precautions,
    ):
        yield from statement_texts(group)
    yield from joint.questions
    for study in joint.studies:
        yield study.title
        yield study.compared_with
        yield from study.found
        yield study.certainty


def joint_aftercare(joint):
    """A joint's own aftercare: do, avoid and watch."""
    yield from statement_texts((*joint.do, *joint.avoid, *joint.watch))


def aftercare_page(aftercare):
    """The aftercare of all joints, with every policy that a clinic may choose."""
    for phase in aftercare.phases:
        yield phase.title
    yield from statement_texts(aftercare.statements())


def topic_page(page):
    """The page on prolotherapy."""
    yield page.title
    for section in page.sections:
        yield section.title
    yield from statement_texts(page.statements())


def warning_page(signs):
    """The warning list."""
    for lines in signs.values():
        yield from statement_texts(lines)


def phrases_page(phrases):
    """The sentences of the screens."""
    for text in phrases.values():
        yield filled(text)


def form_page(data):
    """Every text of the check-in form that a patient sees."""
    start = data["start"]
    yield from (text for name in ("title", "help") if (text := start.get(name)))
    questions = list(start["questions"])
    for screen in data["screens"]:
        yield from (screen[name] for name in ("title", "help", "none_label") if name in screen)
        questions += screen["questions"]
    for question in questions:
        yield from (
            question[name] for name in ("label", "help", "detail_label") if name in question
        )
        yield from question.get("labels", {}).values()
        yield from question.get("help_by_site", {}).values()
        yield from question.get("option_labels", {}).values()
        for labels in question.get("option_labels_by_site", {}).values():
            yield from labels.values()


def rules_page(data):
    """Every text of the rule table that a patient sees; the clinician's words are apart."""
    for level in data["levels"].values():
        yield level["title"]
        yield from map(filled, level["act"])
    for rule in data["rules"]:
        yield filled(rule["why"])
        yield from map(filled, rule["act"])


def pages(library):
    """Every page of patient text by its name."""
    found = {
        "aftercare": [
            *aftercare_page(library.aftercare),
            *(due.title for due in library.schedule),
        ],
        "prolotherapy": list(topic_page(library.prolotherapy)),
        "warning signs": list(warning_page(library.warning_signs)),
        "phrases": list(phrases_page(library.phrases)),
    }
    for site, joint in library.joints.items():
        found[f"joints/{site}"] = list(joint_page(joint))
        found[f"aftercare/{site}"] = list(joint_aftercare(joint))
    for version, form in library.forms.items():
        found[f"form {version}"] = list(form_page(form.data))
    for version, table in library.rules.items():
        found[f"rules {version}"] = list(rules_page(table.data))
    return found
