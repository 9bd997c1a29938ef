"""What patients sent: append-only events, verdicts, receipts, the feed, and what is unread."""
