"""Reviewing over HTTP: the panel of one patient, everything that is done in it, and undo.

A page of its own without JavaScript; with it a part of the worklist (`in_place`), where every act
is answered by what is to stand there next.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue

from pwa.accounts import people
from pwa.check_ins import claims, hand_overs, notes, reviews
from pwa.clinic import review, undoing
from pwa.clinic.desk import Desk, draw, library, looking, sit_down
from pwa.clinic.review import Panel
from pwa.clinic.undoing import Undoable
from pwa.database import reading, writing
from pwa.doors import clinicians_only, polled, takes_bytes
from pwa.problems import Conflict, Invalid, NotFound, Problem

pages = Blueprint("review", __name__, url_prefix="/patients/<patient_id>")
MOST_EVENTS = 500
MOST_BYTES = 3_000_000
"""Two texts of 100,000 letters of four bytes, as a form writes them: they are answered in words."""
TYPED = ("outcome", "note", "message", "level", "about", "to")
WORKLIST = re.compile(r"/clinic(\?[\w.~%+=&-]{0,600})?", re.ASCII)
SPOKE = "spoke"
NOBODY = "everybody"


@dataclass(frozen=True)
class Sent:
    """The form as it came."""

    patient_id: str
    event_ids: list[str]
    levels: dict[str, str | None]
    typed: dict[str, str] = field(repr=False)

    @property
    def about(self) -> str:
        """The one check-in that an act is about: the chosen one, else the first of the screen."""
        if self.typed["about"]:
            return self.typed["about"]
        if not self.event_ids:
            raise NotFound
        return self.event_ids[0]


@pages.get("/review")
@clinicians_only
def show_review(patient_id: str) -> ResponseReturnValue:
    """What is unread of this patient and what can be done about it: a part of a page."""
    with looking("review", subject_id=patient_id) as desk:
        panel = _read_panel(desk, patient_id)
    return _draw_panel(desk, panel)


@pages.post("/claim")
@clinicians_only
@polled
def claim(patient_id: str) -> ResponseReturnValue:
    """Tell colleagues that this person has it open, or has closed it; the page renews it itself."""
    with writing():
        desk = sit_down()
        holder = None
        if "release" in request.form:
            claims.release(actor=desk.actor, patient_id=patient_id)
        else:
            holder = claims.take(
                actor=desk.actor,
                patient_id=patient_id,
                at=desk.when.now,
                is_taking_over="take_over" in request.form,
            )
    others = None if holder is None or holder.account_id == desk.account_id else holder
    return draw("_claim.html", desk, page="review", patient_id=patient_id, holder=others)


@pages.post("/read")
@clinicians_only
@takes_bytes(MOST_BYTES)
def mark_read(patient_id: str) -> ResponseReturnValue:
    """Read: exactly the check-ins that were on the screen."""
    return _do(patient_id, _mark_read)


@pages.post("/note")
@clinicians_only
@takes_bytes(MOST_BYTES)
def write_note(patient_id: str) -> ResponseReturnValue:
    """A note for colleagues and nothing else."""
    return _do(patient_id, _write_note)


@pages.post("/answer")
@clinicians_only
@takes_bytes(MOST_BYTES)
def answer(patient_id: str) -> ResponseReturnValue:
    """A message to the patient; what is unread stays unread."""
    return _do(patient_id, _answer)


@pages.post("/call")
@clinicians_only
@takes_bytes(MOST_BYTES)
def note_call(patient_id: str) -> ResponseReturnValue:
    """Somebody called the patient: reached, it is read; not reached, it stays."""
    return _do(patient_id, _note_call)


@pages.post("/hand-over")
@clinicians_only
@takes_bytes(MOST_BYTES)
def hand_over(patient_id: str) -> ResponseReturnValue:
    """Give the patient to a colleague, or back to everybody."""
    return _do(patient_id, _hand_over)


@pages.post("/raise")
@clinicians_only
@takes_bytes(MOST_BYTES)
def raise_level(patient_id: str) -> ResponseReturnValue:
    """Say that a check-in is more urgent than the rules found."""
    return _do(patient_id, _raise)


@pages.post("/undo/<kind>/<act_id>")
@clinicians_only
def undo(patient_id: str, kind: str, act_id: str) -> ResponseReturnValue:
    """Take an act back within its time."""
    try:
        with writing():
            desk = sit_down()
            _take_back(desk, patient_id, kind, act_id)
    except Conflict as problem:
        return _again(_sent(patient_id), problem)
    return redirect(_back(patient_id), 303)


def _take_back(desk: Desk, patient_id: str, kind: str, act_id: str) -> None:
    actor, at = desk.actor, desk.when.now
    if kind == undoing.NOTE:
        notes.undo(actor=actor, patient_id=patient_id, note_id=act_id, at=at)
    elif kind == undoing.HAND_OVER:
        hand_overs.undo(actor=actor, patient_id=patient_id, hand_over_id=act_id, at=at)
    elif kind in reviews.DONE:
        reviews.undo(actor=actor, patient_id=patient_id, review_id=act_id, at=at)
    else:
        raise NotFound


def _mark_read(desk: Desk, sent: Sent) -> str:
    act_id = reviews.mark_read(
        actor=desk.actor,
        role=desk.role,
        patient_id=sent.patient_id,
        event_ids=sent.event_ids,
        outcome=sent.typed["outcome"] or None,
        note=sent.typed["note"],
        message=sent.typed["message"],
        at=desk.when.now,
        seen_levels=sent.levels,
    )
    claims.release(actor=desk.actor, patient_id=sent.patient_id)
    return act_id


def _write_note(desk: Desk, sent: Sent) -> str:
    _refuse_unsent_message(sent)
    return notes.add(
        actor=desk.actor,
        patient_id=sent.patient_id,
        event_id=sent.about if sent.event_ids else None,
        text=sent.typed["note"],
        at=desk.when.now,
    )


def _answer(desk: Desk, sent: Sent) -> str:
    return reviews.answer(
        actor=desk.actor,
        role=desk.role,
        patient_id=sent.patient_id,
        event_ids=[sent.about],
        message=sent.typed["message"],
        note=sent.typed["note"],
        at=desk.when.now,
    )


def _note_call(desk: Desk, sent: Sent) -> str:
    result = request.form.get("result", "")
    if result == SPOKE:
        sent.typed["outcome"] = "spoke_with_patient"
        return _mark_read(desk, sent)
    return reviews.note_call(
        actor=desk.actor,
        role=desk.role,
        patient_id=sent.patient_id,
        event_ids=sent.event_ids,
        result=result,
        note=sent.typed["note"],
        message=sent.typed["message"],
        at=desk.when.now,
    )


def _hand_over(desk: Desk, sent: Sent) -> str:
    _refuse_unsent_message(sent)
    to = sent.typed["to"]
    if not to:
        raise Invalid("Choose a colleague.", field="to")
    act_id = hand_overs.hand_over(
        actor=desk.actor,
        patient_id=sent.patient_id,
        to_id=None if to == NOBODY else to,
        to_name="" if to == NOBODY else _colleague(desk, to),
        remark=sent.typed["note"],
        at=desk.when.now,
    )
    claims.release(actor=desk.actor, patient_id=sent.patient_id)
    return act_id


def _raise(desk: Desk, sent: Sent) -> str:
    _refuse_unsent_message(sent)
    return reviews.raise_level(
        actor=desk.actor,
        role=desk.role,
        patient_id=sent.patient_id,
        event_id=sent.about,
        level=sent.typed["level"],
        remark=sent.typed["note"],
        at=desk.when.now,
    )


def _refuse_unsent_message(sent: Sent) -> None:
    """What somebody wrote to a patient is never dropped in silence."""
    if sent.typed["message"].strip():
        raise Invalid("You wrote a message too. Send it, or empty it first.", field="message")


def _colleague(desk: Desk, account_id: str) -> str:
    """The name of a clinician of this clinic who can sign in."""
    try:
        found = people.find_staff(clinic_id=desk.clinic_id, account_id=account_id)
    except NotFound:
        found = None
    if found is None or found.role != "clinician" or not found.is_active:
        raise Invalid("Choose a colleague from the list.", field="to")
    return found.display_name


def _do(patient_id: str, act: Callable[[Desk, Sent], str]) -> ResponseReturnValue:
    """Do it in one transaction; where it is refused, everything that was typed comes back."""
    sent = _sent(patient_id)
    try:
        with writing():
            desk = sit_down()
            act_id = act(desk, sent)
    except (Invalid, Conflict) as problem:
        return _again(sent, problem)
    if _is_in_place():
        return _draw_done(patient_id, act_id)
    back = _back(patient_id)
    return redirect(f"{back}{'&' if '?' in back else '?'}read={act_id}", 303)


def _sent(patient_id: str) -> Sent:
    event_ids = request.form.getlist("event_id")[:MOST_EVENTS]
    levels = [text or None for text in request.form.getlist("seen_level")]
    typed = {name: request.form.get(name, "") for name in TYPED}
    for name in ("note", "message"):
        typed[name] = typed[name].replace("\r\n", "\n")
    if not typed["message"].strip():
        typed["message"] = _chosen_message()
    return Sent(patient_id, event_ids, dict(zip(event_ids, levels, strict=False)), typed)


def _chosen_message() -> str:
    """The clinic's own words where one was chosen and no script has put it into the field."""
    title = request.form.get("choice", "")
    if not title or _is_in_place():
        return ""
    with reading():
        words = sit_down().snapshot.words
    return next((one.text for one in words.messages if one.title == title), "")


def _again(sent: Sent, problem: Problem) -> ResponseReturnValue:
    with looking("review", subject_id=sent.patient_id) as desk:
        panel = _read_panel(desk, sent.patient_id)
    page = _draw_panel(desk, panel, problem=problem, typed=sent.typed, whole=not _is_in_place())
    return page, problem.status


def _draw_done(patient_id: str, act_id: str) -> str:
    with looking("review", subject_id=patient_id) as desk:
        undoable = undoable_of(desk, act_id)
        panel = _read_panel(desk, patient_id)
    return draw(
        "_review_done.html",
        desk,
        page="review",
        undoable=undoable,
        panel=panel if panel.unread else None,
        back=_back(patient_id),
        problem=None,
        typed={},
    )


def _draw_panel(
    desk: Desk,
    panel: Panel,
    *,
    problem: Problem | None = None,
    typed: dict[str, str] | None = None,
    whole: bool = False,
) -> str:
    return draw(
        "review.html" if whole else "_review_part.html",
        desk,
        page="patient",
        panel=panel,
        back=_back(panel.patient_id) if request.method == "POST" else "",
        problem=problem,
        typed=typed or {},
    )


def _read_panel(desk: Desk, patient_id: str) -> Panel:
    return review.read_panel(
        clinic_id=desk.clinic_id,
        patient_id=patient_id,
        reader_id=desk.account_id,
        library=library(),
        at=desk.when.now,
    )


def undoable_of(desk: Desk, act_id: str) -> Undoable | None:
    """What this person may still take back, by the id that stands in an address."""
    return undoing.undoable(
        clinic_id=desk.clinic_id, act_id=act_id[:36], by_id=desk.account_id, at=desk.when.now
    )


def _is_in_place() -> bool:
    return request.form.get("in_place") == "1"


def _back(patient_id: str) -> str:
    """The page on which it was done: the patient's, or the worklist with its filters."""
    back = request.form.get("back", "")
    if back == "patient":
        return f"/clinic/patients/{patient_id}"
    if WORKLIST.fullmatch(back):
        return _without_old_act(back)
    return "/clinic"


def _without_old_act(address: str) -> str:
    path, _, query = address.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith("read=")]
    return f"{path}?{'&'.join(kept)}" if kept else path
