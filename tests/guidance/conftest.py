"""One Node process for all twins of this folder."""

import pytest

from tests.node import NodeTwin


@pytest.fixture(scope="session")
def node():
    with NodeTwin() as twin:
        yield twin
