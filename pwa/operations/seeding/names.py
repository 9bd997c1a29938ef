"""What made-up people are called. Numbers are of the range that Ofcom keeps for drama."""

from __future__ import annotations

from random import Random


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST = _words(
    """
    Ana Ben Mira Tom Sana Ivo Amara Olu Chloé Zoë Núria José Jürgen Søren Łukasz Siân Niamh
    Aoife Ngozi Kwame Priya Arjun Fatima Yusuf Mei Hiro Linh Tuan Rosa Anders Annika Andrés
    Anne-Marie Hannah Joan Ruth Grace Ivy Elsie Doris Margaret Susan Karen Tracy Sharon Gary
    Darren Keith Brian Alan Peter Paul David Michael John James Robert William George Arthur
    Leon Maya Noor Samira Aleksandra Piotr Ewa Marek Ioana Dragoș Elif Mehmet Nadia Omar
    """
)
LAST = _words(
    """
    Ribeiro Rao Rahman Reid Roberts Robinson Rogers Ross Russell Ryan Smith Jones Taylor Brown
    Williams Wilson Johnson Davies Patel Wright Walker White Thompson Edwards Hughes Green
    Hall Wood Harris Clarke Lewis Young Allen King Lee Scott Baker Hill Moore Adams Ali Khan
    Hussain Ahmed Begum Singh Kaur Sharma Gupta Chen Wang Nguyen Tran Kim Park Tanaka O'Brien
    O’Neill McDonald MacLeod Müller Schäfer Strøm Ångström Kowalski Wójcik Zając Popescu
    Ionescu Yılmaz García López Martínez Núñez Silva Santos Pereira Oliveira Costa Adeyemi
    Okafor Mensah Boateng Abdi Haile Smith-Jones Ellis-Rees van~Dijk de~la~Cruz St~John
    Fitzgerald Featherstonehaugh
    """
)
COLLEAGUES = (
    ("dr_okafor", "Dr Okafor"),
    ("dr_lind", "Dr Lind"),
    ("s_whitlock", "Sam Whitlock"),
)
"""Clinicians who join Dr Cole: the sign-in name and the name on the screen. They have no password
until the clinic's administrator lets them choose one."""
NUMBERED_SHARE = 0.7
"""How many patients have a number of the clinic's own; the others are told by year of birth."""


def full_name(rng: Random) -> str:
    """A first and a last name."""
    return f"{rng.choice(FIRST)} {rng.choice(LAST)}".replace("~", " ")


def second_identifier(rng: Random, index: int) -> str:
    """The clinic's number of this patient, or a year of birth."""
    year = 2008 - int(rng.triangular(18, 90, 55))
    return f"R-{10_000 + index}" if rng.random() < NUMBERED_SHARE else str(year)


def phone_number(rng: Random) -> str:
    """A number that reaches nobody; some patients gave none."""
    return f"07700 900{rng.randrange(1000):03d}" if rng.random() < 0.95 else ""


def username(index: int, seed: int) -> str:
    """A sign-in name that no person would choose."""
    return f"seed{seed}.p{index + 1}"
