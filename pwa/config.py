"""Settings, read once from the environment. A bad one stops the start and is named."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

PROJECT_ROOT = Path(__file__).resolve().parent.parent


class ConfigError(Exception):
    """A setting that the server refuses to start with; the message names it."""


@dataclass(frozen=True)
class Settings:
    """What one installation is told from outside."""

    instance_path: Path
    database_url: str
    public_url: str
    secret_key: str
    emergency_number: str
    is_demo: bool
    daily_check_ins: int
    sync_calls_per_minute: int
    trusted_proxies: int = 0
    """How many entries of X-Forwarded-For, from the right, were written by our own proxies."""
    content_path: Path | None = None
    """A whole folder of words and rules in place of the one that is shipped; None: that one."""
    pg_bin: str = ""
    """The folder of pg_dump and pg_restore, where they are not on PATH."""
    batch_events: int = 100
    batch_bytes: int = 256 * 1024
    devices_per_account: int = 1000

    @property
    def is_https(self) -> bool:
        """Whether the people reach this server over TLS; decides the form of the cookie."""
        return self.public_url.startswith("https://")

    @property
    def cookie_name(self) -> str:
        """`__Host-` binds the cookie to this host; browsers accept the prefix only with TLS."""
        return "__Host-session" if self.is_https else "session"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises:
        ConfigError: a value that cannot be used, by the name of its variable.
    """
    env = os.environ if environ is None else environ
    instance_path = Path(env.get("INSTANCE_PATH") or PROJECT_ROOT / "instance").resolve()
    instance_path.mkdir(parents=True, exist_ok=True)
    return Settings(
        instance_path=instance_path,
        database_url=_database_url(env.get("DATABASE_URL"), instance_path),
        public_url=_public_url(env.get("PUBLIC_URL") or "http://localhost:8000"),
        secret_key=env.get("SECRET_KEY") or _kept_secret(instance_path / "secret_key"),
        emergency_number=_phone_number(env, "EMERGENCY_NUMBER", "112"),
        is_demo=_yes_or_no(env, "DEMO"),
        daily_check_ins=_count(env, "DAILY_CHECK_INS", 100),
        sync_calls_per_minute=_count(env, "SYNC_CALLS_PER_MINUTE", 120),
        pg_bin=_folder(env, "PG_BIN"),
        content_path=Path(_folder(env, "CONTENT_PATH")).resolve()
        if env.get("CONTENT_PATH")
        else None,
        trusted_proxies=_proxies(env.get("TRUSTED_PROXIES") or "0"),
    )


def _database_url(value: str | None, instance_path: Path) -> str:
    if not value:
        return f"sqlite:///{instance_path / 'aftercare.sqlite3'}"
    for prefix in ("postgresql://", "postgres://"):
        if value.startswith(prefix):
            return "postgresql+psycopg://" + value.removeprefix(prefix)
    if value.startswith(("sqlite:///", "postgresql+psycopg://")):
        return value
    raise ConfigError("DATABASE_URL must start with sqlite:/// or postgresql://")


def _public_url(value: str) -> str:
    parts = urlsplit(value)
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise ConfigError("PUBLIC_URL must be an origin such as https://aftercare.example.org")
    if parts.scheme == "http" and not is_local:
        raise ConfigError("PUBLIC_URL must be https:// except on localhost")
    return f"{parts.scheme}://{parts.netloc}"


def _kept_secret(path: Path) -> str:
    if not path.exists():
        _make_secret(path)
    secret = path.read_text().strip()
    if len(secret) < 32:
        raise ConfigError(f"the secret key in {path.name} is too short")
    return secret


def _make_secret(path: Path) -> None:
    """Of several that start at once one wins, and nobody reads half a key."""
    mine = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(32))
    with contextlib.suppress(FileExistsError):
        os.link(mine, path)
    mine.unlink()


def _count(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or int(value) < 1:
        raise ConfigError(f"{name} must be a whole number from 1 up, not {value!r}")
    return int(value)


def _proxies(value: str) -> int:
    if value not in ("0", "1", "2", "3", "4", "5"):
        raise ConfigError(f"TRUSTED_PROXIES must be a number from 0 to 5, not {value!r}")
    return int(value)


def _folder(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if value and not Path(value).is_dir():
        raise ConfigError(f"{name} must be a folder that is there, not {value!r}")
    return value


def _yes_or_no(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "")
    if value not in ("", "0", "1"):
        raise ConfigError(f"{name} must be 0 or 1, not {value!r}")
    return value == "1"


def _phone_number(env: Mapping[str, str], name: str, default: str) -> str:
    value = env.get(name) or default
    if not value.replace(" ", "").lstrip("+").isdigit():
        raise ConfigError(f"{name} must be a phone number, not {value!r}")
    return value
