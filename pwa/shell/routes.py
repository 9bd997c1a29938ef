"""How a release reaches a phone over HTTP. Everything here is the same for everybody."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Flask, Response, current_app, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin

from pwa.doors import open_to_all
from pwa.problems import NotFound
from pwa.shell.assets import File
from pwa.shell.current import Shell
from pwa.shell.pages import PAGES

blueprint = Blueprint("shell", __name__)
FOR_EVER = "public, max-age=31536000, immutable"
A_DAY = "public, max-age=86400"
ASK_FIRST = "no-cache"


class NoSessionInTheShell(SecureCookieSessionInterface):
    """What is the same for everybody sets no cookie and varies by none.

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
    app.jinja_env.globals["asset"] = lambda path: shell.release().asset(path)
    app.jinja_env.globals["module_preloads"] = lambda page: shell.release().preloads.get(page, ())

    @app.context_processor
    def what_every_page_knows() -> dict[str, Any]:
        release = shell.release()
        return {
            "release": release,
            "release_id": release.id,
            "settings": shell.settings,
            "library": shell.library,
            "is_demo": shell.settings.is_demo,
            "clinic": shell.clinic,
        }


@open_to_all
def show_page(**_: str) -> Response:
    """A page of the release, whatever the query says."""
    release = _shell().release()
    page = release.pages.get(request.path)
    if page is None:
        raise NotFound
    return _answer(page, release.id, ASK_FIRST)


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


@blueprint.get("/sw.js")
@open_to_all
def show_worker() -> Response:
    """The service worker, headed by the release's id and file list."""
    release = _shell().release()
    response = _answer(release.worker, release.id, ASK_FIRST)
    response.headers["Service-Worker-Allowed"] = "/"
    return response


@blueprint.get("/manifest.webmanifest")
@open_to_all
def show_manifest() -> Response:
    """What the phone calls the app."""
    release = _shell().release()
    return _answer(release.manifest, release.id, ASK_FIRST)


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


def _answer(file: File, release_id: str, cache_control: str) -> Response:
    is_gzipped = file.gzipped is not None and request.accept_encodings.quality("gzip") > 0
    response = Response(file.gzipped if is_gzipped else file.body, content_type=file.content_type)
    response.headers["Cache-Control"] = cache_control
    response.headers["X-Release"] = release_id
    response.set_etag(f"{file.etag}-gz" if is_gzipped else file.etag)
    if file.gzipped is not None:
        response.headers["Vary"] = "Accept-Encoding"
    if is_gzipped:
        response.headers["Content-Encoding"] = "gzip"
    response.make_conditional(request)
    return response


def _shell() -> Shell:
    return cast(Shell, current_app.extensions["shell"])
