"""The switch that takes a bad release off the phones, as the server knows it."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from pwa.shell import kill_switch


def test_every_process_serves_the_other_worker_from_the_moment_it_is_switched_off(
    app: Flask, anybody: FlaskClient
) -> None:
    run = app.test_cli_runner().invoke
    normal = anybody.get("/sw.js")
    assert b"installWhole" in normal.data
    assert "is served" in run(args=["release", "status"]).output
    assert run(args=["release", "kill"]).exit_code == 0
    try:
        killed = anybody.get("/sw.js", headers={"If-None-Match": normal.headers["ETag"]})
        assert killed.status_code == 200
        assert killed.content_type == "text/javascript; charset=utf-8"
        assert killed.headers["Cache-Control"] == "no-cache"
        assert killed.headers["Service-Worker-Allowed"] == "/"
        assert b"unregister" in killed.data
        assert b"fetch" not in killed.data and b"indexedDB" not in killed.data
        since = run(args=["release", "status"]).output
        assert "Switched off since 20" in since
        run(args=["release", "kill"])
        assert run(args=["release", "status"]).output == since
    finally:
        assert run(args=["release", "live"]).exit_code == 0
    assert anybody.get("/sw.js").data == normal.data
    assert run(args=["release", "live"]).exit_code == 0
    assert kill_switch.off_since(app.extensions["settings"].instance_path) is None
