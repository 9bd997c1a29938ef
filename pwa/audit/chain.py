"""How the entries of one clinic hang together. Pure: no database."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC
from typing import Any

from sqlalchemy import Row

from pwa.audit.models import AuditEntry

START = "0" * 64
"""What the first entry follows."""


def hash_of(entry: AuditEntry | Row[Any], *, before: str) -> str:
    """SHA-256 over the hash of the entry before and everything that this one says."""
    said = [
        before,
        entry.clinic_id,
        entry.chain_no,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor_id,
        entry.actor_name,
        entry.action,
        entry.subject_id,
        entry.detail,
    ]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
