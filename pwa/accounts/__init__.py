"""Who is who: people, passwords, sessions, invites, and each patient's log."""
