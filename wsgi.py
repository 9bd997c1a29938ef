"""The entry point that every server and the `flask` command use."""

from pwa import create_app

app = create_app()
