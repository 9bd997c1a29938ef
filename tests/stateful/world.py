"""Server, phones and line together, with what was made by whom: what a test acts upon.

Every act is one step: it happens, everything that can be seen is looked at, and the invariants are
checked. An act that makes no sense now (nobody is signed in, nothing to discard) does nothing.
"""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from tests.conftest import PASSWORD
from tests.making import EXPECTED, answers, shoulder_answers
from tests.stateful import invariants
from tests.stateful.cabinet import TRUE_CODE, Cabinet
from tests.stateful.clinic import PLACES, Answer, Backup, Clinic, Held, Row
from tests.stateful.line import Asked, Exchange, Fate, Line
from tests.tally import Tally

PROFILES = dict(zip(PLACES, ("ana", "ben", "ana"), strict=False))
"""Browsers by name, and who signs in there first."""
SECOND = ", second tab"
KINDS = ("good", "invalid", "unreadable", "huge")
FORGERIES = ("other body", "other owner", "other account", "same place")
ROUNDS = 8
TWO_DAYS = 48 * 3600


class Trouble(AssertionError):
    """Something that no rule allows for: an error page of ours, a script that fell over."""


@dataclass
class Made:
    """A check-in that the screen called saved."""

    event_id: str
    owner: str
    owner_id: str
    name: str
    kind: str
    content: dict[str, Any] | None
    note: str
    gone: str | None = None

    @property
    def is_good(self) -> bool:
        return self.kind == "good"

    @property
    def is_unreadable(self) -> bool:
        return self.kind == "unreadable"

    @property
    def is_kept(self) -> bool:
        """Whether it has to be somewhere."""
        return self.gone is None


@dataclass
class World:
    """One example: fresh phones, the server as it was on the first day."""

    cabinet: Cabinet
    clinic: Clinic
    tally: Tally | None = None
    variant: str = TRUE_CODE
    mades: list[Made] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    disks: dict[str, dict[str, Any]] = field(default_factory=dict)
    disks_before: dict[str, dict[str, Any]] = field(default_factory=dict)
    screens: dict[str, dict[str, Any]] = field(default_factory=dict)
    offsets: dict[str, int] = field(default_factory=dict)
    tabs: list[str] = field(default_factory=list)
    replaced: set[str] = field(default_factory=set)
    wiped: set[tuple[str, str]] = field(default_factory=set)
    discarded: set[tuple[str, int]] = field(default_factory=set)
    thrown_away: set[tuple[str, str]] = field(default_factory=set)
    """Which copies a person threw away: (phone, event_id)."""
    first_seen: dict[tuple[str, str], Row] = field(default_factory=dict)
    told_seq: dict[tuple[str, str], tuple[int, str]] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    backups: list[Backup] = field(default_factory=list)
    is_settled: bool = False
    is_broken: bool = False

    def __post_init__(self) -> None:
        self.prefix = self.cabinet.clear()
        self.complaints: list[str] = []
        self.clinic.begin()
        self.server: Held = self.clinic.held()
        self.line = Line(self.clinic, note=self._note, known=lambda: self.server)
        self.cabinet.carry = self.line.carry
        self._raw: dict[str, str] = {}
        self._notes = 0

    # --- what a person does ----------------------------------------------------------------------

    def sign_in(self, profile: str, account: str, fate: str = "ok") -> Any:
        """Somebody types a name and a password."""
        given = {"username": account, "password": PASSWORD}
        return self._act(profile, "signIn", given, fate=Fate(fate, "sign-in"))

    def sign_out(self, profile: str, keep: str = "sealed", fate: str = "ok") -> Any:
        """Sign out; `keep` is what becomes of unsent check-ins: "sealed" or "delete"."""
        account = self._account(profile)
        if keep == "delete" and account:
            self.wiped = {(profile, account)}
            for row in self.disks.get(profile, {}).get("events", ()):
                if row["owner"] == account:  # sent ones too: a restore may have lost them
                    self._let_go(row["event_id"], "deleted", profile)
        told = self._act(profile, "signOut", {"keep": keep}, fate=Fate(fate, "sign-out"))
        self.wiped = set()
        return told

    def save(
        self, profile: str, kind: str = "good", *, taps: int = 1, tab: int = 1, about: Any = None
    ) -> str | None:
        """Fill in the form and save it; returns the event's id."""
        self._ready(profile)
        tab = self._tab_at_hand(profile, tab)
        account = self._account(profile, tab)
        name = self.clinic.names.get(account or "")
        if name is None:
            return None
        self._notes += 1
        note = f"«{name} {self._notes}»"
        draft = self._draft(name, note, kind, about)
        act = self._acting(
            profile,
            "save",
            {
                "draft": draft,
                "is_unreadable": kind == "unreadable",
                "is_huge": kind == "huge",
                "taps": taps,
            },
            tab,
        )
        told = self._do(act, before_check=lambda told: self._note_made(told, name, note, kind))
        return told[-1].get("value", {}).get("draft", {}).get("event_id")

    def correct(
        self, profile: str, kind: str = "amend", nth: int = 0, *, tab: int = 1
    ) -> str | None:
        """Amend, retract or "I have called": about one of the check-ins on the screen."""
        screen = self.screens.get(_tab(profile, tab))
        if screen is None or screen["account"] is None:
            return None
        shown = {version["event_id"] for version in screen["versions"]}
        originals = [one for one in self.mades if one.event_id in shown and _is_create(one)]
        if not originals:
            return None
        about = (kind, originals[nth % len(originals)].event_id)
        return self.save(profile, tab=tab, about=about)

    def send(
        self, profile: str, fate: str = "ok", *, where: str = "sync", nth: int = 0, tab: int = 1
    ) -> Any:
        """Press "Send now", with this fate for one request of it."""
        self._ready(profile)
        tab = self._tab_at_hand(profile, tab)
        if self._is_held(profile, tab):
            self.give_up(profile, tab=tab)
        return self._act(profile, "send", {}, tab=tab, fate=Fate(fate, where, nth))

    def save_and_send(self, profile: str, fate: str = "ok", kind: str = "good") -> Any:
        """Save, and have it sent with this fate."""
        self.save(profile, kind)
        return self.send(profile, fate)

    def refresh(self, profile: str, fate: str = "ok") -> Any:
        """Ask the server who is signed in."""
        return self._act(profile, "refresh", {}, fate=Fate(fate, "session"))

    def discard(self, profile: str, nth: int = 0) -> Any:
        """Throw away one of the refused check-ins."""
        disk = self.disks.get(profile, {"events": [], "account": None})
        rows = [
            row
            for row in disk["events"]
            if row["state"] == "rejected" and row["owner"] == disk["account"]
        ]
        if not rows:
            return None
        row = rows[nth % len(rows)]
        self._let_go(row["event_id"], "discarded", profile)
        self.discarded.add((row["device_id"], row["dseq"]))
        self.thrown_away.add((profile, row["event_id"]))
        return self._act(profile, "discard", {"event_id": row["event_id"]})

    # --- what happens to a phone -----------------------------------------------------------------

    def open_second_tab(self, profile: str, *, has_locks: bool = True) -> None:
        """The app is opened once more on the same phone."""
        if self._account(profile) and profile + SECOND not in self.tabs:
            self._do(*self._opening(profile, 2, has_locks=has_locks))

    def restart(self, profile: str) -> None:
        """The app is killed, whatever it was doing, and opened again."""
        if _tab(profile, 1) not in self.tabs:
            return
        closing = []
        for tab in [one for one in self.tabs if self.profile_of(one) == profile]:
            self.tabs.remove(tab)
            self.line.late.pop(tab, None)
            closing.append({"what": "close", "tab": tab})
        self._do(*closing, *self._opening(profile, 1))

    def set_clock(self, profile: str, seconds: int) -> None:
        """The phone's clock is so many seconds off from now on."""
        self.offsets[profile] = seconds * 1000
        self._do()

    def give_up(self, profile: str, *, tab: int = 1) -> Any:
        """The answer that is on its way does not come within 30 seconds."""
        if not self._is_held(profile, tab):
            return None
        self.line.late.pop(_tab(profile, tab))
        return self._do({"what": "giveUp", "tab": _tab(profile, tab)})[-1]

    def copy_phone(self, source: str, target: str) -> None:
        """`target` is set up from a backup of `source`: same rows, same device, same cookie."""
        if self._account(source) is None or source == target:
            return
        self._ready(target)
        self.restart(target)
        self.tabs.remove(target)
        for row in self.disks[target]["events"]:
            self._let_go(row["event_id"], "replaced", target)
        self.replaced = {target}
        self.line.cookies[target] = self.line.cookies.get(source)
        self._do(
            {"what": "close", "tab": target},
            {"what": "copyPhone", "from": source, "to": target},
            *self._opening(target, 1),
        )
        self.replaced = set()

    # --- what the network and the clinic do ------------------------------------------------------

    def answer_arrives(self, nth: int = 0) -> Any:
        """An answer that was long on its way reaches its phone."""
        if not self.line.late:
            return None
        tab = list(self.line.late)[nth % len(self.line.late)]
        asked, answer = self.line.late.pop(tab)
        told = self.line.hand_over(asked, answer)
        return self._do({"what": "arrive", "tab": tab, "answer": told})[-1]

    def copy_arrives(self, nth: int = 0) -> Answer | None:
        """A request that was long on its way reaches the server; nobody hears the answer."""
        if not self.line.copies:
            return None
        asked = self.line.copies.pop(nth % len(self.line.copies))
        answer = self.line.deliver(asked)
        self._do()
        return answer

    def wait(self, hours: float) -> None:
        """Time passes for everybody."""
        self.clinic.clock.move(hours=hours)
        self._do()

    def expire(self, account: str) -> None:
        """Every session of this account ends."""
        self.clinic.expire(account)
        self.server = self.clinic.held()
        self._do()

    def deactivate(self, account: str) -> None:
        """The clinic closes the account."""
        if account not in self.clinic.erased:
            self.clinic.set_active(account, False)
            self.server = self.clinic.held()
            self._do()

    def activate(self, account: str) -> None:
        """The clinic opens the account again."""
        if account not in self.clinic.erased:
            self.clinic.set_active(account, True)
            self.server = self.clinic.held()
            self._do()

    def backup(self) -> None:
        """The clinic keeps a copy of its database."""
        self.backups.append(self.clinic.backup())

    def restore(self) -> None:
        """The clinic's disk is gone; the newest copy takes its place.

        What no phone holds any more, and the copy does not hold, is gone with that disk: an
        acknowledged check-in of somebody who has signed out since (decision 6).
        """
        if not self.backups:
            return
        self.clinic.restore(self.backups[-1])
        self._raw.clear()
        self.server = self.clinic.held()
        here = {row["event_id"] for disk in self.disks.values() for row in disk["events"]}
        here |= self.server.by_id.keys()
        for made in self.mades:
            if made.event_id not in here and made.gone is None:
                made.gone = "with the disk"
        self._do()

    def erase(self, account: str) -> None:
        """The clinic erases a patient's record, as she asked."""
        if account in self.clinic.erased:
            return
        self.clinic.erase(account)
        self.server = self.clinic.held()
        for made in self.mades:
            if made.owner == account:
                made.gone = "erased"
        self._do()

    def forge(self, by: str, nth: int = 0, how: str = "other body") -> Answer | None:
        """Somebody signed in sends what is not theirs, past the app."""
        rows = self.server.rows
        if not rows or self.is_erased(self.clinic.ids[by]) or by in self.clinic.inactive:
            return None
        row = rows[nth % len(rows)]
        mine = self.clinic.ids[by]
        forged = {**row.event, "owner": mine}
        if how == "other body":
            forged["answers"] = {**row.event["answers"], "note": "forged"}
            forged["treatment_id"] = self.clinic.treatments[by]
        elif how in ("other owner", "other account"):
            forged["owner"] = row.event["owner"]
        else:
            forged |= {"event_id": str(uuid.uuid4()), "supersedes": None}
        body = {
            "protocol": 1,
            "account": row.patient_id if how == "other account" else mine,
            "device_id": forged["device_id"],
            "sent_at": self.clinic.clock().isoformat(),
            "events": [forged],
        }
        asked = Asked("", "", "POST", "/api/v1/sync", json.dumps(body), self._raw_cookie(by))
        answer = self.line.deliver(asked, is_forged=True)
        self._do()
        return answer

    # --- the end ---------------------------------------------------------------------------------

    def settle(self) -> None:
        """Faults stop, everybody signs in wherever something of theirs waits, and all is sent."""
        self.line.copies.clear()
        while self.line.late:
            self.answer_arrives()
        for account in sorted(self.clinic.inactive):
            self.activate(account)
        self.offsets = dict.fromkeys(self.offsets, 0)
        for _ in range(ROUNDS):
            self.clinic.clock.move(seconds=TWO_DAYS)
            if not self._settle_once():
                break
        for profile in list(self.disks):
            account = self.disks[profile]["account"]
            if account and not self.is_erased(account):
                self._sign_in_and_send(profile, self.clinic.names[account])
        self._do()  # what the last act took away was looked at then, with its reason
        self.is_settled = True
        self.check()
        self.count()

    def _settle_once(self) -> bool:
        """Whether there was something to send."""
        was_any = False
        for profile, disk in list(self.disks.items()):
            waiting = {
                row["owner"]
                for row in disk["events"]
                if (row["state"] == "pending" or self._is_of_before(row))
                and not self.is_erased(row["owner"])
                and not getattr(self.made(row["event_id"]), "is_unreadable", False)
            }
            for owner in sorted(waiting):
                was_any = True
                self._sign_in_and_send(profile, self.clinic.names[owner])
        return was_any

    def _is_of_before(self, row: dict[str, Any]) -> bool:
        """A copy of what an earlier history of the server acknowledged."""
        return row["state"] == "acknowledged" and row["epoch"] != self.server.epoch

    def _sign_in_and_send(self, profile: str, account: str) -> None:
        disk = self.disks[profile]
        is_here = self.name_of(disk["account"]) == account if disk["account"] else False
        if not is_here:
            self.sign_in(profile, account)
        if self.send(profile) == "sign-in-required":
            self.sign_in(profile, account)
            self.send(profile)

    def count(self) -> None:
        """Tell the tally what this example saw."""
        if self.tally is None:
            return
        stored = [row.event["event_id"] for row in self.server.rows]
        epoch = self.server.epoch
        said = {
            event_id for one, event_id in self.told if one == epoch and not self._is_gone(event_id)
        }
        self.tally.fault(self.line.struck + self.clinic.faults.struck)
        self.clinic.faults.struck = 0
        self.tally.compare(said, stored)

    def _is_gone(self, event_id: str) -> bool:
        made = self.made(event_id)
        return made is None or made.gone is not None

    # --- asked by the invariants -----------------------------------------------------------------

    def check(self) -> None:
        """Every invariant, now."""
        self.is_broken = True
        for invariant in invariants.ALL:
            invariant(self)
        if self.complaints:
            raise Trouble(self.complaints.pop())
        for exchange in self.exchanges:
            if exchange.answer.status == 500:
                raise Trouble(f"{exchange.asked.what}: {exchange.answer.text}")
        self.is_broken = False

    def made(self, event_id: str) -> Made | None:
        """What was made under this id, first."""
        return next((one for one in self.mades if one.event_id == event_id), None)

    def is_erased(self, account_id: str) -> bool:
        return self.clinic.names.get(account_id) in self.clinic.erased

    def name_of(self, account_id: str) -> str:
        return self.clinic.names[account_id]

    def was_told(self, row: dict[str, Any]) -> bool:
        """Whether the server ever said of this event that it is kept, in this epoch."""
        return (self.server.epoch, row["event_id"]) in self.told

    def clock_of(self, profile: str) -> int:
        """The phone's clock in milliseconds."""
        return int(self.clinic.clock().timestamp() * 1000) + self.offsets.get(profile, 0)

    def secrets_of_others(self, account: str) -> list[str]:
        """Texts that nothing told to this account may hold."""
        others = [name for name in self.clinic.ids if name != account]
        notes = [made.note for made in self.mades if made.owner != account]
        ids = [made.event_id for made in self.mades if made.owner != account]
        own = [made.event_id for made in self.mades if made.owner == account]
        return [
            *notes,
            *(one for one in ids if one not in own),
            *(self.clinic.ids[name] for name in others),
            *(self.clinic.treatments[name] for name in others),
        ]

    @staticmethod
    def profile_of(tab: str) -> str:
        return tab.removesuffix(SECOND)

    # --- one step --------------------------------------------------------------------------------

    def _act(
        self,
        profile: str,
        act: str,
        given: dict[str, Any],
        *,
        tab: int = 1,
        fate: Fate | None = None,
    ) -> Any:
        self._ready(profile, is_signing_in=act == "signIn")
        told = self._do(self._acting(profile, act, given, tab), fate=fate)[-1]
        if told and told.get("error"):
            return told["error"]
        return "held" if told.get("is_held") else told.get("value")

    @staticmethod
    def _acting(profile: str, act: str, given: dict[str, Any], tab: int) -> dict[str, Any]:
        return {"what": "act", "tab": _tab(profile, tab), "act": act, "given": given}

    def _ready(self, profile: str, *, is_signing_in: bool = False) -> None:
        """A phone that was never touched is opened; its person has been signed in there."""
        if _tab(profile, 1) in self.tabs:
            return
        if is_signing_in:
            self._do(*self._opening(profile, 1))
            return
        self.line.cookies[profile] = self.clinic.cookie_of(PROFILES[profile], at=profile)
        self._do(*self._opening(profile, 1), self._acting(profile, "refresh", {}, 1))

    def _tab_at_hand(self, profile: str, tab: int) -> int:
        """The second tab only where there is one, or somebody signed in who could open it."""
        if tab == 2 and _tab(profile, 2) not in self.tabs:
            self.open_second_tab(profile)
        return tab if _tab(profile, tab) in self.tabs else 1

    def _opening(self, profile: str, tab: int, *, has_locks: bool = True) -> list[dict[str, Any]]:
        self.tabs.append(_tab(profile, tab))
        new = {
            "what": "addProfile",
            "profile": profile,
            "prefix": f"{self.prefix}{profile}-",
            "at": self.clock_of(profile),
        }
        opening = {
            "what": "open",
            "tab": _tab(profile, tab),
            "profile": profile,
            "has_locks": has_locks,
            "variant": self.variant,
        }
        return [opening] if profile in self.disks else [new, opening]

    def _do(self, *todo: Any, fate: Fate | None = None, before_check: Any = None) -> list[Any]:
        self.clinic.clock.move(seconds=1)
        self.line.fate = fate or Fate()
        clocks = {profile: self.clock_of(profile) for profile in self.disks}
        self.is_broken = True
        seen = self.cabinet.step(clocks=clocks, todo=list(todo))
        self.line.fate = Fate()
        if "failure" in seen:
            raise Trouble(seen["failure"])
        self.complaints += seen["complaints"]
        self.disks_before, self.disks = self.disks, {**self.disks, **seen["disks"]}
        self.screens = seen["screens"]
        if before_check:
            before_check(seen["told"])
        self.check()
        self.exchanges.clear()
        told: list[Any] = seen["told"]
        return told

    def _note(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        self.server = exchange.after
        if exchange.asked.what == "sync" and exchange.answer.status == 200:
            for result in exchange.answer.body["results"]:
                if result["status"] in invariants.TAKEN:
                    self.told.add((exchange.after.epoch, result["event_id"]))

    # --- bookkeeping -----------------------------------------------------------------------------

    def _draft(self, name: str, note: str, kind: str, about: Any) -> dict[str, Any]:
        given = (answers if name == "ana" else shoulder_answers)(note=note)
        if kind == "invalid":
            given["pain_now"] = 99
        kind_of, supersedes = about or ("create", None)
        is_bare = kind_of in ("retract", "called")
        return {
            "kind": kind_of,
            "supersedes": supersedes,
            "treatment_id": self.clinic.treatments[name],
            "form_version": 1,
            "rules_version": 1,
            "answers": {} if is_bare else given,
            "verdict": None if is_bare else EXPECTED,
        }

    def _note_made(self, told: list[Any], name: str, note: str, kind: str) -> None:
        if told[-1].get("error"):
            return
        draft = told[-1]["value"]["draft"]
        self.mades.append(
            Made(
                event_id=draft["event_id"],
                owner=name,
                owner_id=self.clinic.ids[name],
                name=f"check-in {note}",
                kind=kind,
                content={field: draft[field] for field in invariants.CONTENT},
                note=note,
                gone="erased" if name in self.clinic.erased else None,
            )
        )

    def _let_go(self, event_id: str, why: str, profile: str) -> None:
        """A person let go of the copy on this phone; others of it may remain."""
        made = self.made(event_id)
        others = any(
            row["event_id"] == event_id
            for other, disk in self.disks.items()
            if other != profile
            for row in disk["events"]
        )
        if made and not others and event_id not in self.server.by_id:
            made.gone = why

    def _account(self, profile: str, tab: int = 1) -> str | None:
        screen = self.screens.get(_tab(profile, tab))
        account: str | None = screen["account"] if screen else None
        return account

    def _is_held(self, profile: str, tab: int) -> bool:
        return _tab(profile, tab) in self.line.late

    def _raw_cookie(self, by: str) -> str | None:
        if by not in self._raw:
            self._raw[by] = self.clinic.cookie_of(by, at=PLACES[-1])
        if self.clinic.is_ended(self._raw[by]):
            body = json.dumps({"username": by, "password": PASSWORD})
            answer = self.clinic.answer("POST", "/api/v1/sign-in", body, None)
            self._raw[by] = answer.cookie or ""
        return self._raw[by]


def _tab(profile: str, tab: int) -> str:
    return profile if tab == 1 else profile + SECOND


def _is_create(made: Made) -> bool:
    return made.content is not None and made.content["kind"] == "create"
