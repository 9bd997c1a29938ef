"""How a release reaches a phone over HTTP. All is the same for everybody who reads one language."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, redirect, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue

from pwa.doors import open_to_all
from pwa.languages import COOKIE, ENGLISH, Languages, spoken
from pwa.problems import NotFound, UnknownJoint
from pwa.shell import kill_switch
from pwa.shell.assets import File
from pwa.shell.current import Shell
from pwa.shell.pages import PAGES

blueprint = Blueprint("shell", __name__)
FOR_EVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
ASK_FIRST = "no-cache"
A_YEAR_S = 365 * 24 * 3600


class NoSessionInTheShell(SecureCookieSessionInterface):
    """What is the same for everybody sets no session, and files vary by no cookie.

    Flask-login looks into the session after every request, and Flask says so by `Vary: Cookie`.
    """

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if request.blueprint != blueprint.name:
            super().save_session(app, session, response)


def install(app: Flask, shell: Shell) -> None:
    """Serve this shell; its addresses and names become usable in every template."""
    app.extensions["shell"] = shell
    app.register_blueprint(blueprint)
    app.session_interface = NoSessionInTheShell()
    _languages(app).offered = shell.languages
    app.jinja_env.globals["asset"] = lambda path: shell.release(spoken()).asset(path)
    app.jinja_env.globals["module_preloads"] = lambda page: shell.release(spoken()).preloads.get(
        page, ()
    )

    @app.context_processor
    def what_every_page_knows() -> dict[str, Any]:
        language = spoken()
        release = shell.release(language)
        return {
            "release": release,
            "release_id": release.id,
            "settings": shell.settings,
            "library": shell.library(language),
            "is_demo": shell.settings.is_demo,
            "clinic": shell.clinic,
            "languages": shell.languages(),
        }


@open_to_all
def show_page(joint: str | None = None) -> Response:
    """A page of the release, whatever the query says."""
    release = _shell().release(spoken())
    page = release.pages.get(request.path)
    if page is None:
        library = _shell().library(spoken())
        is_off = joint is not None and joint in library.joints
        raise UnknownJoint(library.phrases["joint_off"] if is_off else "")
    return _by_language(_answer(page, release.id, ASK_FIRST))


for _page in PAGES:
    blueprint.add_url_rule(_page.address, endpoint=_page.name, view_func=show_page)


@blueprint.get("/assets/<release_id>/<path:path>")
@open_to_all
def show_asset(release_id: str, path: str) -> Response:
    """A file that never changes under this address."""
    file = _shell().asset(release_id, path)
    if file is None:
        raise NotFound
    return _answer(file, release_id, FOR_EVER)


@blueprint.post("/language")
@open_to_all
def choose_language() -> ResponseReturnValue:
    """Keep on this phone in which language it reads; a language nobody has is English."""
    shell = _shell()
    language = request.form.get("language", ENGLISH)
    back = request.form.get("back", "/")
    response = redirect(back if back in shell.release().pages else "/", 303)
    response.set_cookie(
        COOKIE,
        language if language in shell.languages() else ENGLISH,
        max_age=A_YEAR_S,
        secure=shell.settings.is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


@blueprint.get("/sw.js")
@open_to_all
def show_worker() -> Response:
    """The service worker, headed by the release's id and file list; or the one that lets go."""
    release = _shell().release(spoken())
    is_off = kill_switch.off_since(_shell().settings.instance_path) is not None
    worker = release.assets[kill_switch.LET_GO] if is_off else release.worker
    response = _answer(worker, release.id, ASK_FIRST)
    response.headers["Service-Worker-Allowed"] = "/"
    return _by_language(response)


@blueprint.get("/manifest.webmanifest")
@open_to_all
def show_manifest() -> Response:
    """What the phone calls the app."""
    release = _shell().release(spoken())
    return _by_language(_answer(release.manifest, release.id, ASK_FIRST))


@blueprint.get("/favicon.ico")
@open_to_all
def show_favicon() -> Response:
    """For browsers that ask without being told."""
    return _show_image("img/favicon.ico")


@blueprint.get("/apple-touch-icon.png")
@open_to_all
def show_apple_touch_icon() -> Response:
    """iOS takes this before the manifest's icons."""
    return _show_image("img/apple-touch-icon.png")


def _show_image(path: str) -> Response:
    release = _shell().release()
    file = release.assets.get(path)
    if file is None:
        raise NotFound
    return _answer(file, release.id, A_DAY)


def _by_language(response: Response) -> Response:
    """Nobody may be handed what a cache kept for a reader of another language."""
    response.vary.update(("Accept-Language", "Cookie"))
    return response


def _answer(file: File, release_id: str, cache_control: str) -> Response:
    encoding, body = _as_taken(file)
    response = Response(body, content_type=file.content_type)
    response.headers["Cache-Control"] = cache_control
    response.headers["X-Release"] = release_id
    response.set_etag(f"{file.etag}-{encoding}" if encoding else file.etag)
    if file.is_text:
        response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.make_conditional(request)
    return response


def _as_taken(file: File) -> tuple[str, bytes]:
    """The smallest that this browser takes, and what it is called; "" as it is."""
    for encoding in ("br", "gzip"):
        if request.accept_encodings.quality(encoding) > 0:
            smaller = file.brotlied if encoding == "br" else file.gzipped
            if smaller is not None:
                return encoding, smaller
    return "", file.body


def _shell() -> Shell:
    return cast(Shell, current_app.extensions["shell"])


def _languages(app: Flask) -> Languages:
    return cast(Languages, app.extensions["languages"])
