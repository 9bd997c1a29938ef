"""Where a request came from, as far as it can be believed, and what counts as one address."""

from __future__ import annotations

import pytest
from flask import request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from pwa import create_app
from pwa.accounts import throttle
from pwa.config import ConfigError, read_settings
from pwa.doors import open_to_all


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [("0", "127.0.0.1"), ("1", "203.0.113.7"), ("2", "10.1.1.1")],
)
def test_only_our_own_proxies_are_believed(
    tmp_path_factory: pytest.TempPathFactory, proxies: str, seen: str
) -> None:
    """What a stranger writes into the header stands left of what our proxies add."""
    instance = str(tmp_path_factory.mktemp("proxied"))
    app = create_app({"INSTANCE_PATH": instance, "TRUSTED_PROXIES": proxies})

    @app.get("/who")
    @open_to_all
    def who() -> ResponseReturnValue:
        return request.remote_addr or ""

    claimed = {"X-Forwarded-For": "192.0.2.66, 10.1.1.1, 203.0.113.7"}
    client: FlaskClient = app.test_client()
    assert client.get("/who", headers=claimed).text == seen
    assert client.get("/who").text == "127.0.0.1"


@pytest.mark.parametrize("value", ["-1", "6", "yes", "1.0"])
def test_a_number_of_proxies_that_cannot_be_stops_the_start(
    tmp_path_factory: pytest.TempPathFactory, value: str
) -> None:
    with pytest.raises(ConfigError, match="TRUSTED_PROXIES"):
        read_settings(
            {"INSTANCE_PATH": str(tmp_path_factory.mktemp("bad")), "TRUSTED_PROXIES": value}
        )


def test_a_household_of_version_six_counts_as_one_address() -> None:
    one, other = "2001:db8:1:2:aaaa::1", "2001:db8:1:2:bbbb::9"
    assert throttle.address_of(one) == throttle.address_of(other)
    assert throttle.address_of(one) != throttle.address_of("2001:db8:1:3::1")
    assert throttle.address_of("::ffff:192.0.2.1") == throttle.address_of("192.0.2.1")
