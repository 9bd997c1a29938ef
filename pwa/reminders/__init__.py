"""Reminders: nudges by web push, and the days of the check-ins in a calendar.

What is due is judged on the phone. Nothing here says what a reminder is about.
"""
