"""What a made-up patient answers on a day after an injection.

Pain follows `published.py`. How often each other sign is ticked is our choice: such as makes a
clinic's week, most check-ins with nothing to act on and a few that need somebody today.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from pwa.guidance.questions import Form
from pwa.operations.seeding.published import (
    BENEFIT_DAYS,
    BENEFITS,
    FEVER_IN_INFECTION,
    FLARE_BY_DAY,
    LASTING_SHARE,
    SORE_SHARE,
    infection_day,
)

Answers = dict[str, Any]
RISKS = {
    "immune_suppressed": 0.02,
    "diabetes": 0.08,
    "joint_replacement": 0.02,
    "recent_joint_infection": 0.004,
    "anticoagulant": 0.07,
    "pregnant": 0.005,
}
NOT_KNOWN = 0.002
INFECTION_DAYS = 4
EMERGENCIES = {
    "breathless": 0.0003,
    "chest_pain": 0.0002,
    "face_swelling": 0.0001,
    "very_unwell": 0.0002,
    "neuro_severe": 0.0001,
    "limb_cold_pale": 0.0001,
    "saddle_bladder": 0.0002,
}
SIGNS = {
    "weakness": 0.0012,
    "calf": 0.0010,
    "site_alarm": 0.0006,
    "neck_stiff": 0.0008,
    "headache_upright": 0.0015,
}
NOTES = (
    "Slept badly, but better since the morning.",
    "Walked to the shop and back today.",
    "Can I start the exercises again?",
    "Bruise is going yellow now.",
    "Took paracetamol at lunch.",
    "Stiff after sitting, fine once I move.",
    "The stairs are the worst part.",
    "Much the same as yesterday.",
    "Back at work since Monday.",
    "Sore where the needle went in, nothing else.",
    "Does it matter that I missed a day?",
    "Feels a bit stronger, I think.",
    "Estou melhor hoje, obrigada.",
    "Ich komme mit dem Knie wieder die Treppe hoch 🙂",
    "Could the next appointment be in the afternoon?",
)


@dataclass
class Recovery:
    """How one session goes for one person, drawn once."""

    site: str
    baseline: int
    relief: float
    """Points of ten that will be gone after a year."""
    soreness: float
    lasting_days: float
    infected_on: int | None
    drift: int = 0

    def pain(self, rng: Random, day: int) -> int:
        """The pain on this day, with a whim of its own that changes slowly."""
        usual = self.baseline - self.relief * (1 - math.exp(-day / BENEFIT_DAYS))
        if rng.random() < 0.22:
            self.drift = max(-1, min(1, self.drift + rng.choice((-1, 1))))
        extra = 4.0 if self.is_infected(day) else 0.0
        return max(0, min(10, round(usual + self.soreness * self._flare(day) + extra) + self.drift))

    def is_infected(self, day: int) -> bool:
        """Whether the joint is infected on this day; care is found within some days."""
        return self.infected_on is not None and 0 <= day - self.infected_on < INFECTION_DAYS

    def _flare(self, day: int) -> float:
        if day < len(FLARE_BY_DAY):
            return FLARE_BY_DAY[day]
        return FLARE_BY_DAY[-1] * math.exp(-(day - len(FLARE_BY_DAY) + 1) / self.lasting_days)


def draw_recovery(rng: Random, site: str, baseline: int) -> Recovery:
    """How it will go at this joint."""
    benefit = BENEFITS[site]
    is_sore = rng.random() < SORE_SHARE
    return Recovery(
        site=site,
        baseline=baseline,
        relief=max(-2.0, rng.gauss(benefit.mean, benefit.spread)),
        soreness=rng.uniform(0.6, 2.4) if is_sore else 0.3,
        lasting_days=4.0 if rng.random() < LASTING_SHARE else 1.2,
        infected_on=infection_day(rng),
    )


def draw_flags(rng: Random) -> Answers:
    """The risk flags of one person; a few are not known."""
    return {
        key: None if rng.random() < NOT_KNOWN else rng.random() < share
        for key, share in RISKS.items()
    }


class Answering:
    """The answers of one person at one joint, by the form of their clinic."""

    def __init__(self, form: Form, rng: Random) -> None:
        self.form = form
        self.rng = rng
        self._plain: dict[str, Answers] = {}

    def systemic(self) -> Answers:
        """What is asked once, however many joints were treated."""
        rng = self.rng
        found: Answers = {key: True for key, share in EMERGENCIES.items() if rng.random() < share}
        if rng.random() < 0.5:
            found["temp_c"] = round(max(35.3, rng.gauss(36.7, 0.3)), 1)
        if rng.random() < 0.0015:
            found["feverish"] = True
        if rng.random() < 0.1:
            found["fever_medicine_6h"] = True
        if rng.random() < 0.05:
            found["note"] = rng.choice(NOTES)
        return found

    def local(self, recovery: Recovery, day: int, systemic: Mapping[str, Any]) -> Answers:
        """All answers for this joint on this day, those that were asked once among them."""
        found = {**self._nothing(recovery.site), "pain_now": recovery.pain(self.rng, day)}
        found |= {key: value for key, value in systemic.items() if key in found or key == "note"}
        found |= self._joint(day)
        for key, share in SIGNS.items():
            if key in found and self.rng.random() < share:
                found[key] = True
        if recovery.is_infected(day):
            found |= self._infected()
        if self.rng.random() < NOT_KNOWN:
            found[self.rng.choice(("warmth", "numbness", "weakness", "very_unwell"))] = None
        return found

    def _nothing(self, site: str) -> Answers:
        """The form at this joint with every sign answered by no."""
        if site not in self._plain:
            self._plain[site] = {
                key: False if question.type == "boolean" else None
                for key, question in self.form.questions_for(site).items()
                if key not in ("note", "pain_trend_self")
            }
        return self._plain[site]

    def _joint(self, day: int) -> Answers:
        rng = self.rng
        early, middle = day <= 3, day < 7
        moderate = 0.04 if early else 0.012 if middle else 0.004
        mild = 0.45 if early else 0.22 if middle else 0.08
        hard = 0.2 if early else 0.06 if middle else 0.008
        hot = 0.08 if day < 3 else 0.012 if middle else 0.002
        chance = rng.random()
        swelling = (
            "severe"
            if chance < 0.0008
            else "moderate"
            if chance < moderate
            else "mild"
            if chance < moderate + mild
            else "none"
        )
        chance = rng.random()
        use = "cannot" if chance < 0.001 else "difficult" if chance < hard else "no"
        return {
            "swelling": swelling,
            "cannot_use": use,
            "warmth": rng.random() < hot,
            "redness": _one(rng, {"spreading": 0.0004, "local": hot / 2}),
            "drainage": _one(rng, {"pus": 0.0002, "spot": 0.03 if day < 2 else 0.001}),
            "rash": _one(rng, {"widespread": 0.0004, "local": 0.002 if middle else 0.0006}),
            "numbness": rng.random() < (0.2 if day == 0 else 0.003),
        }

    def _infected(self) -> Answers:
        rng = self.rng
        has_fever = rng.random() < FEVER_IN_INFECTION
        found: Answers = {
            "swelling": rng.choice(("moderate", "severe")),
            "cannot_use": rng.choice(("difficult", "cannot")),
            "warmth": True,
            "redness": rng.choice(("local", "spreading")),
        }
        if has_fever:
            found |= {"temp_c": round(rng.uniform(38.0, 39.6), 1), "feverish": True}
        return found


def _one(rng: Random, shares: Mapping[str, float]) -> str:
    """One of the signs by its share, most often none."""
    chance = rng.random()
    for name, share in shares.items():
        if chance < share:
            return name
        chance -= share
    return "none"
