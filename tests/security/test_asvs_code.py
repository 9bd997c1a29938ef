"""What our code never does, read from the code: proofs that `docs/security/asvs.md` names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from pwa.accounts import passwords
from pwa.problems import Invalid

ROOT = Path(__file__).resolve().parents[2]
REACHES_OUT = {
    "aiohttp", "ftplib", "http.client", "http.server", "httpx", "imaplib", "ldap3", "poplib",
    "pywebpush", "requests", "smtplib", "socket", "telnetlib", "urllib3", "urllib.request",
    "xmlrpc",
}  # fmt: skip
BUILDS_CODE = {"eval", "exec", "compile", "__import__", "render_template_string", "from_string"}
UNPACKS = {"dill", "jsonpickle", "marshal", "pickle", "shelve", "tarfile", "xml", "yaml", "zipfile"}
WEAK_HASHES = {"md5", "sha1", "new"}
PASSWORD_FIELD = re.compile(r"""<input[^>]*name="\w*password"[^>]*>|field\("\w*password".*?}}""")
WRITTEN_SECRET = re.compile(r"(?:SECRET_KEY|password)\s*=\s*[\"'][^\"']{6,}[\"']")
FILES_TO_TAKE_ALONG = {"templates/exchange/record.html"}
"""A file that a person keeps must look right without us, so its style is in it."""
RUNS_A_PROGRAM = ROOT / "pwa" / "operations" / "postgresql.py"
"""pg_dump and pg_restore, by a list of arguments and for the operator alone."""

MADE_UP = "seeding"
"""Draws made-up patients, the same again for the same seed; nothing secret comes from there."""


@cache
def modules() -> list[tuple[Path, ast.Module]]:
    paths = sorted((ROOT / "pwa").rglob("*.py"))
    return [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in paths]


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def calls(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def scripts() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "static" / "js").rglob("*.js")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates").rglob("*.html")):
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")


def is_one_of(name: str, known: set[str]) -> bool:
    return name in known or name.split(".", maxsplit=1)[0] in known


def test_the_server_calls_no_other_but_the_push_services_of_browsers() -> None:
    found = {
        (path.name, name)
        for path, tree in modules()
        for name in imported(tree)
        if is_one_of(name, REACHES_OUT)
    }
    assert found == {("line.py", "pywebpush"), ("line.py", "requests")}


def test_only_the_operators_backup_runs_a_program_and_never_through_a_shell() -> None:
    for path, tree in modules():
        if "subprocess" in imported(tree):
            assert path == RUNS_A_PROGRAM, path
        for name, call in calls(tree):
            assert not name.startswith(("os.system", "os.popen", "os.spawn")), path
            shell = [one for one in call.keywords if one.arg == "shell"]
            assert shell == [], path


def test_no_code_or_template_is_built_from_text() -> None:
    for path, tree in modules():
        for name, _ in calls(tree):
            assert name == "re.compile" or name.split(".")[-1] not in BUILDS_CODE, (path, name)


def test_nothing_is_unpacked_that_can_carry_more_than_data() -> None:
    found = {
        (path.name, name)
        for path, tree in modules()
        for name in imported(tree)
        if is_one_of(name, UNPACKS)
    }
    assert found == set()


def test_every_question_to_the_database_has_its_values_apart() -> None:
    """A text of SQL is written down whole; nothing is put into it. Migrations have no input, nor
    have made-up patients."""
    for path, tree in modules():
        if {"migrations", MADE_UP} & {*path.parts}:
            continue
        for name, call in calls(tree):
            if name.split(".")[-1] in ("text", "exec_driver_sql") and call.args:
                given = call.args[0]
                if isinstance(given, ast.JoinedStr):
                    put_in = [
                        ast.unparse(part.value)
                        for part in given.values
                        if isinstance(part, ast.FormattedValue)
                    ]
                    assert all(one == "pragma" for one in put_in), (path, put_in)
                assert not isinstance(given, ast.BinOp), path


def test_no_weak_hash_and_no_guessable_chance() -> None:
    for path, tree in modules():
        assert "random" not in set(imported(tree)) or MADE_UP in path.parts, path
        for name, _ in calls(tree):
            library, _, used = name.rpartition(".")
            assert not (library == "hashlib" and used in WEAK_HASHES), (path, name)


def test_sealing_is_always_authenticated() -> None:
    python = "\n".join(path.read_text(encoding="utf-8") for path, _ in modules())
    for mode in ("modes.", "AES(", "PKCS1v15", "Fernet", "RC4", "DES"):
        assert not re.search(rf"(?<![\w]){re.escape(mode)}", python), mode
    assert "AESGCM" in python
    for name, text in scripts():
        for weak in ("AES-CBC", "AES-CTR", "RSAES", "SHA-1", "Math.random().toString"):
            assert weak not in text, (name, weak)
    assert any("AES-GCM" in text for _, text in scripts())


@pytest.mark.parametrize(
    "dangerous",
    [
        r"\.innerHTML", r"\.outerHTML", r"insertAdjacentHTML", r"document\.write",
        r"(?<![\w.])eval\(", r"new Function", r"setTimeout\(\s*[\"'`]", r"javascript:",
        r"createContextualFragment", r"\.srcdoc", r"document\.cookie",
    ],
)  # fmt: skip
def test_no_script_draws_or_runs_text(dangerous: str) -> None:
    assert [name for name, text in scripts() if re.search(dangerous, text)] == []


def test_only_switches_and_moments_are_kept_in_the_clear() -> None:
    """Three switches of a clinician; when a page last offered itself; a view of the worklist; the
    number of a reset, until its tab is closed."""
    where = r"(?:local|session)[S]torage"
    keeping = {name: text for name, text in scripts() if re.search(where, text)}
    assert set(keeping) == {
        "static/js/account/way_back.js",
        "static/js/clinic/own_settings.js",
        "static/js/offline/memory.js",
        "static/js/pages/reset.js",
    }
    own = keeping["static/js/clinic/own_settings.js"]
    assert "{ sound: false, badge: false, keys: true }" in own
    assert "setItem(name, String(now()))" in keeping["static/js/offline/memory.js"]
    assert "if (!VIEW.test(address)) return;" in keeping["static/js/account/way_back.js"]


def test_no_page_listens_to_messages_from_other_windows() -> None:
    """A BroadcastChannel carries only what pages of the same origin say to each other."""
    listening = re.compile(r"(\w*)\.?addEventListener\(\s*[\"']message")
    found = {(name, one) for name, text in scripts() for one in listening.findall(text)}
    assert found == {
        ("static/js/sw/worker.js", "self"),
        ("static/js/clinic/choose.js", "channel"),
    }
    assert "new BroadcastChannel(" in dict(scripts())["static/js/clinic/choose.js"]
    assert all("window.open" not in text for _, text in scripts())


def test_no_template_holds_script_style_or_anything_from_elsewhere() -> None:
    for name, text in templates():
        if name in FILES_TO_TAKE_ALONG:
            assert "<script" not in text
            continue
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), name
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=", text), name
        assert not re.search(r"(?:src|action)=[\"']https?:", text), name
        assert "|safe" not in re.sub(r"'[^']*'\|safe", "", text), name


def test_passwords_are_typed_hidden_and_may_be_pasted_or_filled_in() -> None:
    seen = 0
    for name, text in templates():
        for field in PASSWORD_FIELD.findall(text):
            seen += 1
            assert 'type="password"' in field, name
            assert re.search(r'autocomplete="(?:new|current)-password"', field), name
    assert seen >= 4
    assert [name for name, text in scripts() if re.search(r"[\"']paste[\"']", text)] == []


@pytest.mark.parametrize(
    "password",
    [
        "a" * 8 + "bcdefghijk lmnop",
        "ünïcödé ist auch gut",
        "7412 9638 5207 4196",
        "seven quiet herons wade past the old mill at dawn, and nobody sees them",
    ],
)
def test_a_password_may_be_made_of_anything_and_be_long(password: str) -> None:
    passwords.check_password(password, username="ana")
    assert len(password) <= passwords.LONGEST >= 64


def test_a_password_is_taken_whole_and_as_it_was_typed() -> None:
    password = "Correct horse battery staple, ninety times " * 2
    kept = passwords.hash_password(password)
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.is_right(kept, password)
    for other in (password.lower(), password[:-1], password.strip(), password + " "):
        assert not passwords.is_right(kept, other)


@pytest.mark.parametrize(
    "password",
    [
        "prolo aftercare!",
        "123456789012345",
        "password password",
        "AftercareAftercare",
        "ana.of.the.clinic",
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid):
        passwords.check_password(password, username="ana.of.the.clinic")


def test_no_account_and_no_secret_comes_with_the_code() -> None:
    shipped = [ROOT / "pwa", ROOT / "static", ROOT / "templates", ROOT / "wsgi.py"]
    for place in shipped:
        for path in [place] if place.is_file() else place.rglob("*"):
            if path.suffix in {".py", ".js", ".html"}:
                text = path.read_text(encoding="utf-8")
                assert "PRIVATE KEY" not in text, path
                assert not WRITTEN_SECRET.search(text), path


def test_what_only_tests_need_is_not_what_runs() -> None:
    def names(file: str) -> set[str]:
        lines = (ROOT / file).read_text(encoding="utf-8").splitlines()
        return {line.split("==")[0].split("[")[0] for line in lines if "==" in line}

    assert not names("requirements.txt") & names("requirements-dev.txt")
    used = {name.split(".")[0] for _, tree in modules() for name in imported(tree)}
    assert not used & {"pytest", "hypothesis", "schemathesis", "playwright", "tests"}
