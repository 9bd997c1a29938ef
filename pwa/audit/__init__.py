"""Who saw or did what. Rows are written in the caller's transaction, or the act is undone.

Rows carry names beside ids and no foreign keys, so that they outlive what they describe.
"""
