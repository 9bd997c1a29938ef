"""One page of phones and one server for all examples of this folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sqlalchemy import create_engine, make_url, text

from tests.stateful.cabinet import TRUE_CODE, Cabinet
from tests.stateful.clinic import Clinic
from tests.stateful.world import World
from tests.tally import Tally

MEMORY = Path("/dev/shm")

NewWorld = Callable[..., World]


@pytest.fixture(scope="session")
def cabinet(browser: Browser) -> Iterator[Cabinet]:
    """The page in which the phones run."""
    running = Cabinet(browser)
    yield running
    running.close()


@pytest.fixture(scope="session")
def clinic() -> Iterator[Clinic]:
    """The server over SQLite. Where there is a disk in memory, on that: each commit is fsynced."""
    folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
    running = Clinic(folder)
    yield running
    running.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def clinic_on_postgresql(
    postgresql_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Clinic]:
    """The server over a PostgreSQL database of its own."""
    here = make_url(postgresql_url).set(drivername="postgresql+psycopg")
    engine = create_engine(here, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE stateful"))
    engine.dispose()
    url = here.set(database="stateful").render_as_string(hide_password=False)
    running = Clinic(tmp_path_factory.mktemp("stateful"), database_url=url)
    yield running
    running.close()


@pytest.fixture
def new_world(cabinet: Cabinet, clinic: Clinic, tally: Tally) -> NewWorld:
    """Makes a world whose every acknowledgement is counted in the run's tally."""

    def make(variant: str = TRUE_CODE, *, is_counted: bool = True) -> World:
        return World(cabinet, clinic, tally=tally if is_counted else None, variant=variant)

    return make
