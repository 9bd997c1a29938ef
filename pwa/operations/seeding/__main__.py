"""`script/seed`: many made-up patients in the demo clinic, with the check-ins of two years."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import click
from flask import current_app
from sqlalchemy import select

from pwa import create_app
from pwa.accounts import people
from pwa.accounts.models import Account
from pwa.accounts.people import Actor
from pwa.clock import now
from pwa.config import Settings
from pwa.database import db, writing
from pwa.guidance.library import Library
from pwa.operations import demo
from pwa.operations.prepare import prepare_database
from pwa.operations.seeding import filling, names
from pwa.operations.seeding.histories import Colleague, World, identity
from pwa.operations.seeding.plans import share_out
from pwa.practice import clinics

UNREAD_SHARE = 0.015
SAMPLE = 300
EVERY_S = 2.0


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse the command line, prepare the database, and fill the demo clinic."""
    options = _parse(arguments)
    app = create_app()
    settings: Settings = app.extensions["settings"]
    with app.app_context():
        prepare_database()
        demo.ensure_demo(settings=settings, at=now())
        done = seed(
            patients=options.patients,
            check_ins=options.check_ins,
            number=options.seed,
            at=options.at or now(),
            processes=options.processes,
        )
        db.session.remove()
        db.engine.dispose()
    click.echo(
        f"Done: {done.patients:,} patients, {done.check_ins:,} check-ins, {done.rows:,} rows."
    )


def seed(
    *, patients: int, check_ins: int, number: int, at: datetime, processes: int = 1
) -> filling.Filled:
    """Put patients with so many check-ins in all into the demo clinic.

    Raises:
        click.ClickException: there is no demo clinic, or the same was put in before.
    """
    library: Library = current_app.extensions["library"]
    dice = Random(f"{number}/shares")  # noqa: S311 - nothing secret is drawn
    counts = share_out(dice, patients=patients, check_ins=check_ins)
    try:
        with writing():
            world = _world(library, counts, number=number, at=at)
            ticker = _Ticker(patients, check_ins)
            done = filling.fill(world, counts, processes=processes, progress=ticker, say=ticker.say)
    except filling.AlreadySeeded:
        raise click.ClickException(
            f"Seed {number} is in this clinic already. Choose another one with --seed."
        ) from None
    filling.tell_the_planner()
    return done


def _world(library: Library, counts: Sequence[int], *, number: int, at: datetime) -> World:
    doctor = _demo_doctor()
    clinic = clinics.snapshot(doctor.clinic_id)
    form_version, rules_version = clinics.running_versions(clinic, library)
    if rules_version is None:
        raise click.ClickException("The demo clinic has not signed the rules.")
    world = World(
        seed=number,
        clinic_id=doctor.clinic_id,
        time_zone=clinic.words.time_zone,
        joints=tuple(clinic.words.joints),
        colleagues=_colleagues(doctor, at=at),
        form_version=form_version,
        rules_version=rules_version,
        now=at,
        unread_since=at,
    )
    return replace(world, unread_since=_unread_since(world, counts))


def _demo_doctor() -> Account:
    """Whoever the demo made first, at the clinic that is filled."""
    username, _ = demo.PEOPLE["clinician"]
    doctor = db.session.scalars(select(Account).where(Account.username == username)).one_or_none()
    if doctor is None or not clinics.snapshot(doctor.clinic_id).is_demo:
        raise click.ClickException(
            "This instance has no demo clinic. Made-up patients are put nowhere else; "
            "give an empty folder as INSTANCE_PATH."
        )
    return doctor


def _colleagues(doctor: Account, *, at: datetime) -> tuple[Colleague, ...]:
    actor = Actor(doctor.account_id, doctor.display_name, doctor.clinic_id)
    found = [Colleague(doctor.account_id, doctor.display_name)]
    for username, name in names.COLLEAGUES:
        account = db.session.scalars(
            select(Account).where(Account.username == username)
        ).one_or_none()
        if account is None:
            account_id = people.add_staff(actor=actor, role="clinician", display_name=name, at=at)
            people.claim_username(db.session.get_one(Account, account_id), username)
            found.append(Colleague(account_id, name))
        elif account.clinic_id == doctor.clinic_id:
            found.append(Colleague(account.account_id, account.display_name))
    return tuple(found)


def _unread_since(world: World, counts: Sequence[int]) -> datetime:
    """So that about `UNREAD_SHARE` of all check-ins arrived later, by a sample of the patients."""
    step = max(1, len(counts) // SAMPLE)
    times: list[datetime] = []
    for index in range(0, len(counts), step):
        rng = world.dice(index)
        identity(rng)
        times += [contact.at for contact in world.plan(rng, counts[index]).contacts]
    times.sort()
    return times[int(len(times) * (1 - UNREAD_SHARE))] if times else world.now


class _Ticker:
    """Tells the person who waits how far it is."""

    def __init__(self, patients: int, check_ins: int) -> None:
        self.patients, self.check_ins = patients, check_ins
        self.started = self.told = time.monotonic()

    def __call__(self, patients: int, check_ins: int) -> None:
        at = time.monotonic()
        if at - self.told < EVERY_S:
            return
        self.told = at
        took = max(0.1, at - self.started)
        left = took * (self.check_ins / max(1, check_ins) - 1)
        self.say(
            f"{patients:,} of {self.patients:,} patients, {check_ins:,} check-ins, "
            f"{took:.0f} s, about {left:.0f} s left"
        )

    @staticmethod
    def say(line: str) -> None:
        """One line for the person who waits."""
        click.echo(f"  {line}", err=True)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="script/seed", description=__doc__)
    parser.add_argument("--patients", type=_count, default=300, help="how many (300)")
    parser.add_argument("--check-ins", type=_count, default=9_000, help="of all of them (9000)")
    parser.add_argument("--seed", type=_count, default=1, help="the same number, the same people")
    parser.add_argument(
        "--at", type=_instant, help="the moment taken for now, such as 2026-11-26T12:00:00+00:00"
    )
    parser.add_argument(
        "--processes", type=_count, default=os.cpu_count() or 1, help="that make rows"
    )
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000_000:
        raise argparse.ArgumentTypeError("must be a whole number from 1 up")
    return int(text)


def _instant(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError("must be a date and time with an offset") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("must be a date and time with an offset")
    return found.astimezone(UTC)


if __name__ == "__main__":
    main()
