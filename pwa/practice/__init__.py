"""The clinic itself: numbers, hours, policies, and which form and rules it signed."""
