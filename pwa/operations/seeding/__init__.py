"""Filling the demo clinic with many made-up patients: `script/seed`.

Rows are what the services would have written, made in bulk. Nothing here runs in a server.
"""
