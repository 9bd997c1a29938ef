"""TLS with a certificate that is not to be trusted, as a portal or a forgotten renewal shows it.

The browser trusts one key, as if an authority had signed it. TLS itself is the reverse proxy's.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import socket
import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from playwright.sync_api import Playwright, expect

from tests.browser.chromium import ARGUMENTS, Chromium
from tests.browser.driving import phone, sign_in, wait_for_worker
from tests.browser.patient_world import SAVE
from tests.browser.real_server import FaultProxy, RealServer
from tests.browser.test_journey import ON_PHONE, ON_SERVER
from tests.faults.sending import NO_LIMITS, stored_ids
from tests.tally import Tally

pytestmark = pytest.mark.browser
NOTE = "palimpsestic aching under the scar"
TLS = b"\x16\x03"
"""How every TLS connection begins; an HTTP request begins with a word."""


@dataclass(frozen=True)
class Certificate:
    """A certificate for localhost with its key, and the name of that key."""

    path: Path
    key_hash: str

    def context(self) -> ssl.SSLContext:
        """For whoever shows this certificate."""
        made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        made.load_cert_chain(self.path)
        return made


def certificate(path: Path, *, days: tuple[int, int]) -> Certificate:
    """A self-signed certificate that is good from one day to another, counted from today."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    begins, ends = (datetime.now(UTC) + timedelta(days=day) for day in days)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + signed.public_bytes(Encoding.PEM))
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return Certificate(path, base64.b64encode(hashlib.sha256(public).digest()).decode())


class TlsProxy(FaultProxy):
    """Ends TLS in front of a server, and notes how connections began and what was agreed to."""

    def __init__(self, server_port: int, shown: Certificate) -> None:
        self.shown = shown
        self.begun: list[bytes] = []
        self.agreed: list[Certificate] = []
        self._open: set[ssl.SSLSocket] = set()
        self._lock = threading.Lock()
        super().__init__(server_port)

    def show(self, certificate: Certificate) -> None:
        """Show this one from now on. Browsers open connections ahead of need: those end."""
        with self._lock:
            self.shown = certificate
            for connection in self._open:
                with contextlib.suppress(OSError):  # it has ended by itself
                    connection.shutdown(socket.SHUT_RDWR)
            self._open.clear()

    def _serve(self, client: socket.socket) -> None:
        shown = self.shown
        try:
            self.begun.append(client.recv(2, socket.MSG_PEEK))
            # A context of its own, so that no connection goes on with an older one's ticket.
            inside = shown.context().wrap_socket(client, server_side=True)
        except OSError:  # the browser did not like what it was shown
            client.close()
            return
        self.agreed.append(shown)
        with self._lock:
            if shown is not self.shown:
                inside.close()
                return
            self._open.add(inside)
        super()._serve(inside)
        with self._lock:
            self._open.discard(inside)


class BehindTls(RealServer):
    """A server that people reach over TLS."""

    @property
    def url(self) -> str:
        return f"https://localhost:{self.public_port}"


@pytest.mark.fault(18)
@pytest.mark.whole
def test_behind_a_bad_certificate_everything_stays_on_the_phone_and_nothing_goes_out_in_clear(
    instance: Path,
    chromium: Chromium,
    playwright_driver: Playwright,
    tmp_path: Path,
    tally: Tally,
) -> None:
    good = certificate(tmp_path / "good.pem", days=(-1, 30))
    bad = {
        "expired": certificate(tmp_path / "expired.pem", days=(-60, -30)),
        "not signed by anybody": certificate(tmp_path / "stranger.pem", days=(-1, 30)),
    }
    server = BehindTls(instance, settings=NO_LIMITS)
    proxy = TlsProxy(server.port, good)
    server.public_port = proxy.port
    server.start()
    trusting = [*ARGUMENTS, f"--ignore-certificate-errors-spki-list={good.key_hash}"]
    with phone(playwright_driver, chromium, tmp_path / "phone", server.url, args=trusting) as page:
        asked: list[str] = []
        page.context.on("request", lambda request: asked.append(request.url))
        sign_in(page, server.people["patient"])
        wait_for_worker(page)
        page.goto("/check-ins")
        expect(page.locator("main h1").first).to_be_visible()
        before, made = stored_ids(instance), []
        for shown in bad.values():
            proxy.show(shown)
            tally.fault()
            tried = len(proxy.begun)
            made += page.evaluate(SAVE, [{"answers": {"note": NOTE}, "stays": True}])
            page.goto("/check-ins")
            expect(page.locator("main")).to_contain_text(ON_PHONE)
            page.get_by_role("button", name="Send now").click()
            expect(page.locator("main")).to_contain_text("The server did not answer.")
            expect(page.locator("main")).to_contain_text("Your check-ins stay on this phone.")
            assert len(proxy.begun) > tried, "the phone never tried"
            assert page.evaluate("fetch('/api/v1/session').then(() => 'answer', () => 'none')") == (
                "none"
            )
        assert not set(proxy.agreed) & set(bad.values())
        assert stored_ids(instance) == before
        assert {begun for begun in proxy.begun if begun} == {TLS}
        assert {url.partition(":")[0] for url in asked} <= {"https", "blob", "data"}

        proxy.show(good)
        page.reload()
        page.get_by_role("button", name="Send now").or_(page.get_by_text(ON_SERVER)).first.click()
        expect(page.get_by_text(ON_SERVER).first).to_be_visible()
        expect(page.get_by_text(ON_PHONE)).to_have_count(0)
    tally.compare(made, stored_ids(instance))
    proxy.close()
    server.stop()
