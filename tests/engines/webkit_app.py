"""A window with WebKit in it that keeps what pages store, for WebKitWebDriver to drive.

Run by the system's own Python, to which `python3-gi` belongs: webkit_app.py <folder> [--private].
MiniBrowser, which comes with WebKit, forgets its storage under automation. No test lives here, and
it imports nothing of ours.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")

from gi.repository import Gtk, WebKit2  # noqa: E402 - the versions are chosen first

PHONE = (412, 915)


def main(folder: Path, *, is_private: bool) -> None:
    """Show one window until it is killed."""
    context = WebKit2.WebContext.new_with_website_data_manager(data_manager(folder, is_private))
    context.set_automation_allowed(True)
    if not is_private:
        cookies = str(folder / "cookies.sqlite")
        context.get_cookie_manager().set_persistent_storage(
            cookies, WebKit2.CookiePersistentStorage.SQLITE
        )
    view = WebKit2.WebView(web_context=context, is_controlled_by_automation=True)
    window = Gtk.Window()
    window.set_default_size(*PHONE)
    window.add(view)
    window.show_all()
    context.connect("automation-started", hand_over, view)
    Gtk.main()


def data_manager(folder: Path, is_private: bool) -> Any:
    """Where WebKit keeps what pages store; in a private window nowhere."""
    if is_private:
        return WebKit2.WebsiteDataManager.new_ephemeral()
    return WebKit2.WebsiteDataManager(
        base_data_directory=str(folder / "data"), base_cache_directory=str(folder / "cache")
    )


def hand_over(_context: Any, session: Any, view: Any) -> None:
    """Give the driver our one window."""
    about = WebKit2.ApplicationInfo()
    about.set_name("aftercare")
    about.set_version(1, 0, 0)
    session.set_application_info(about)
    session.connect("create-web-view", lambda _session: view)


if __name__ == "__main__":
    main(Path(sys.argv[1]), is_private="--private" in sys.argv)
