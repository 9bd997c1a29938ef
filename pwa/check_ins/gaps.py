"""Numbers of a phone that have not arrived: check-ins that it has and the clinic has not."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Collection
from functools import cache

from sqlalchemy import Select, bindparam, select

from pwa.check_ins.models import CheckInEvent, Device, DiscardedNumber
from pwa.database import db

MISSING_TOLD = 100


def first_missing(device: Device, here: Collection[int]) -> tuple[int, ...]:
    """Numbers below the highest that are not `here`, the lowest hundred of them."""
    gaps = (dseq for dseq in range(device.contiguous + 1, device.highest) if dseq not in here)
    return tuple(itertools.islice(gaps, MISSING_TOLD))


def missing_counts(*, clinic_id: str, patient_ids: Collection[str]) -> dict[str, int]:
    """How many are missing, by patient, for those of these patients who miss any."""
    asked = {"clinic_id": clinic_id, "patient_ids": list(patient_ids)}
    devices = db.session.scalars(_with_a_gap(), asked).all()
    here = _numbers_here(clinic_id, devices) if devices else {}
    found: dict[str, int] = defaultdict(int)
    for device in devices:
        found[device.patient_id] += len(first_missing(device, here.get(device.device_id, ())))
    return {patient_id: count for patient_id, count in found.items() if count}


@cache
def _with_a_gap() -> Select[Device]:
    return select(Device).where(
        Device.clinic_id == bindparam("clinic_id"),
        Device.patient_id.in_(bindparam("patient_ids")),
        Device.contiguous < Device.highest,
    )


def _numbers_here(clinic_id: str, devices: Collection[Device]) -> dict[str, set[int]]:
    """What has arrived or was discarded above where each device's numbering has no hole."""
    least = {device.device_id: device.contiguous for device in devices}
    found: dict[str, set[int]] = defaultdict(set)
    for source in (CheckInEvent, DiscardedNumber):
        rows = db.session.execute(
            select(source.device_id, source.dseq).where(
                source.clinic_id == clinic_id,
                source.device_id.in_(least),
                source.dseq > min(least.values()),
            )
        )
        for device_id, dseq in rows:
            found[device_id].add(dseq)
    return found
