"""The clinic's words and rules: content, the check-in form, and triage.

Pure: reads the content files and computes. No Flask, no database, no clock of its own.
"""
