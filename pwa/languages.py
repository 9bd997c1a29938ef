"""Which language an answer is in, and the words of the screens in that language.

Here: choosing (the cookie, else the browser, else English), the catalogs of the screens, and dates
in words. Not here: the guidance in another language (`pwa/guidance/translating.py`), and which
languages a clinic leaves out (`pwa/practice`). The clinic's own pages stay English.
"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, cast

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, has_app_context, has_request_context, request
from flask_babel import Babel, Domain
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

log = logging.getLogger(__name__)

ENGLISH = "en"
COOKIE = "language"
CATALOGS = Path(__file__).parent / "translations"
STAFF_PAGES = "/clinic"
CATALOG_GAP = re.compile(r"%\((\w+)\)s")
NEAREST_LOCALE = "en_GB"
"""How English is written here, and the dates of a language that Babel does not know."""


@dataclass
class Languages:
    """What this server can say.

    Attributes:
        catalogs: the words of the screens, by language; English has none to look up.
        offered: the languages that somebody may choose now, English first.
    """

    catalogs: Mapping[str, NullTranslations]
    offered: Callable[[], Collection[str]]


class _Screens(Domain):  # type: ignore[misc]
    """Flask-babel's lookup, with catalogs that were read at the start and need no .mo file."""

    def get_translations(self) -> NullTranslations:
        if not has_app_context():
            return NullTranslations()
        return _here().catalogs.get(spoken()) or NullTranslations()


def install(app: Flask, catalogs: Mapping[str, NullTranslations] | None = None) -> None:
    """Make `_()`, `ngettext()` and `long_date()` speak the language of the request."""
    known = catalogs or {}
    app.extensions["languages"] = Languages(
        catalogs=known, offered=lambda: (ENGLISH, *(one for one in known if one != ENGLISH))
    )
    babel = Babel(app, locale_selector=lambda: str(locale_of(spoken())))
    babel.domain_instance = _Screens()
    app.jinja_env.globals["long_date"] = lambda day: long_date(day, spoken())


def spoken() -> str:
    """The language of this request; English where there is none, and on the clinic's pages."""
    if not has_request_context() or request.path.split("/")[1] == STAFF_PAGES[1:]:
        return ENGLISH
    return choose(
        kept=request.cookies.get(COOKIE),
        wished=request.accept_languages.best_match,
        offered=_here().offered(),
    )


def choose(
    *,
    kept: str | None,
    wished: Callable[[Iterable[str]], str | None],
    offered: Collection[str],
) -> str:
    """What was chosen on this phone, else what its browser asks for, else English.

    Args:
        kept: the cookie, which anybody may have written.
        wished: finds the browser's favourite among some languages.
        offered: the languages that there are.
    """
    if kept in offered:
        return cast(str, kept)
    return wished(offered) or ENGLISH


def to_translate(sentence: str) -> str:
    """Marks a sentence for the catalog that is said elsewhere."""
    return sentence


def read_catalogs(folder: Path, languages: Iterable[str]) -> dict[str, NullTranslations]:
    """The words of the screens, for those of these languages that say every sentence.

    What is still being written is left out and logged, like its guidance: nobody is shown half a
    translation.
    """
    found: dict[str, NullTranslations] = {ENGLISH: NullTranslations()}
    for language in languages:
        if language == ENGLISH:
            continue
        fault = next(catalog_faults(folder, language), None)
        if fault is None:
            found[language] = _compiled(_read(catalog_path(folder, language)))
        else:
            log.warning("the language %s is not offered: %s", language, fault)
    return found


def catalog_path(folder: Path, language: str) -> Path:
    """Where the words of the screens of a language stand."""
    return folder / language / "LC_MESSAGES" / "messages.po"


def catalog_faults(folder: Path, language: str) -> Iterator[str]:
    """What keeps the screens from being shown in this language, one sentence a fault."""
    path = catalog_path(folder, language)
    if not path.is_file():
        yield f"{language}/LC_MESSAGES/messages.po is missing"
        return
    said = {message.id: _forms(message.string) for message in _read(path)}
    for message in _read(folder / "messages.pot"):
        if not message.id:
            continue
        forms = said.get(message.id, ())
        if not forms or not all(forms):
            yield f"not translated: {message.id!r}"
            continue
        given = "".join(_forms(message.id))
        for form in forms:
            if set(CATALOG_GAP.findall(form)) - {"num"} != set(CATALOG_GAP.findall(given)) - {
                "num"
            }:
                yield f"has other gaps: {form!r}"
            if any(sign in form and sign not in given for sign in '<>"&'):
                yield f"holds a sign of HTML: {form!r}"


def _forms(said: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, domain="messages")


def _compiled(catalog: Catalog) -> NullTranslations:
    binary = io.BytesIO()
    write_mo(binary, catalog)
    binary.seek(0)
    return cast(NullTranslations, Translations(fp=binary))


def long_date(day: date, language: str) -> str:
    """ "22 November 2026", "22 de noviembre de 2026" """
    return format_date(day, "long", locale=locale_of(language))


def locale_of(language: str) -> Locale:
    """How dates are written; English ones as in Britain, as everywhere in this app."""
    if language == ENGLISH:
        return Locale.parse(NEAREST_LOCALE)
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse(NEAREST_LOCALE)


def words_for_templates(catalog: NullTranslations, language: str) -> dict[str, Any]:
    """`_()`, `gettext()`, `ngettext()` and `long_date()` for pages that no request asked for.

    They fill gaps as jinja's newstyle does: always, and escaped.
    """

    @pass_context
    def gettext(_context: Context, text: str, /, **values: Any) -> str:
        return Markup(catalog.gettext(text)) % values  # noqa: S704 - catalogs are ours

    @pass_context
    def ngettext(_context: Context, one: str, many: str, num: int, /, **values: Any) -> str:
        return Markup(catalog.ngettext(one, many, num)) % {  # noqa: S704
            "num": num,
            **values,
        }

    return {
        "_": gettext,
        "gettext": gettext,
        "ngettext": ngettext,
        "long_date": lambda day: long_date(day, language),
    }


def _here() -> Languages:
    return cast(Languages, current_app.extensions["languages"])
