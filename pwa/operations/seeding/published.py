"""The published numbers that made-up courses are drawn from, with the ids of their sources.

The ids are those of the project's clinical facts and of `pwa/guidance/content/en/sources.toml`.
What has no source here says "our choice": it only has to look like a clinic's week.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Regimen:
    """A course at one joint: days from one session to the next, and how many at most."""

    interval_days: int
    most_sessions: int


@dataclass(frozen=True)
class Benefit:
    """How much less pain after a year, in points of ten, and how much people differ."""

    mean: float
    spread: float


REGIMENS = {
    "knee": Regimen(28, 5),  # rabago2013: weeks 1, 5, 9, optional 13, 17
    "shoulder": Regimen(30, 3),  # bertrand2016: three monthly sessions
    "hip": Regimen(21, 6),  # reeveship: every 21 days, up to six
    "ankle": Regimen(28, 2),  # ankleneuro: two within a month
    "elbow": Regimen(28, 4),  # yelland2019: four monthly sessions
    "wrist_hand": Regimen(30, 3),  # jahangiri2014: monthly, three times
    "foot": Regimen(21, 3),  # ersen2018: three, 21 days apart
    "low_back_si": Regimen(14, 3),  # kim2010: up to three, two weeks apart
    "tmj": Regimen(28, 3),  # tmjtable: three, four weeks apart
}
SHARE_OF_SITE = {
    "knee": 35,
    "shoulder": 17,
    "low_back_si": 12,
    "elbow": 10,
    "ankle": 8,
    "hip": 7,
    "foot": 5,
    "wrist_hand": 4,
    "tmj": 2,
}
"""Our choice; no count of joints treated was found."""
BENEFITS = {
    "knee": Benefit(1.5, 1.6),  # rabago2013: 15.3 of 100 at 52 weeks
    "shoulder": Benefit(3.3, 2.0),  # bertrand2016: 59 % kept a fall of 2.8 or more
    "hip": Benefit(4.5, 1.8),  # gul2020: 4.5 of 10 at 12 months
    "ankle": Benefit(2.7, 1.8),  # yelland2011: 27.5 of 100 on VISA-A
    "elbow": Benefit(3.0, 1.8),  # scarpone2008: 3.0 between the arms at 16 weeks
    "wrist_hand": Benefit(2.3, 1.8),  # reeves2000: movement pain 42 % better
    "foot": Benefit(4.2, 2.0),  # fong2023: 41.7 of 100 against saline
    "low_back_si": Benefit(3.2, 2.4),  # kim2010: 58.7 % with half the pain or less
    "tmj": Benefit(1.0, 1.4),  # nagori2018: 1.0 of 10
}
BENEFIT_DAYS = 84.0
"""Benefit is slow: trials judge at 12, 26 and 52 weeks (rabago2013, sit2020, yelland2019)."""
SORE_SHARE = 0.7
"""How many are sore after an injection: the median that practitioners reported (dagenais2006)."""
LASTING_SHARE = 0.1
"""In about one of ten the pain lasts up to 72 hours (uwpearl), in some 7 to 10 days (efw)."""
FLARE_BY_DAY = (0.5, 1.0, 0.8, 0.4)
"""Numb at first, soreness peaks on days 1 to 3, then eases (time course: efw, uwpearl)."""
INFECTION_SHARE = 0.00093
"""Of injections: 14 of 15,021 after steroid (mueller2026); 0.037 % per needle in iceland. None was
found for dextrose, so the higher one is drawn."""
INFECTION_MEAN_DAY = 11.9
"""Mean days to onset in one series (jocmr)."""
LATE_INFECTION_SHARE = 0.25
LATE_INFECTION_DAYS = (49, 70)
"""A second cluster in weeks 7 to 10 (mueller2026); its share is our choice."""
FEVER_IN_INFECTION = 0.5
"""Fever in 40 to 60 per cent (medscapeSA)."""


def infection_day(rng: Random) -> int | None:
    """The day on which this joint becomes infected; of a thousand injections hardly one does."""
    if rng.random() >= INFECTION_SHARE:
        return None
    if rng.random() < LATE_INFECTION_SHARE:
        return rng.randint(*LATE_INFECTION_DAYS)
    return max(2, round(rng.expovariate(1 / INFECTION_MEAN_DAY)))
