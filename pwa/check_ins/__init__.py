"""What patients sent: append-only events, their verdicts, receipts, the feed, and what is unread."""
