"""What leaves: one patient's record, given out or erased, and the records whose time is over.

Whole installations (backup, restore) are the matter of `operations`.
"""
