"""The fifteen invariants of check-in-sync/1, section 9, as far as one can look at this moment.

Each looks at what the phones hold on disk and show on screen, at what the database holds, and at
what was said on the line during the last step; none of them asks the code under test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from tests.stateful.line import Exchange

if TYPE_CHECKING:
    from tests.stateful.world import World

DAY_MS = 24 * 60 * 60 * 1000
KEPT_FOR_MS = 30 * DAY_MS
KEPT_LONGEST_MS = 90 * DAY_MS
"""Of somebody who is not signed in on that phone the clinic's setting is not known there."""
TAKEN = ("stored", "duplicate")
CONTENT = (
    "kind",
    "supersedes",
    "treatment_id",
    "form_version",
    "rules_version",
    "recorded_at",
    "time_zone",
    "local_date",
    "answers",
    "verdict",
)
Invariant = Callable[["World"], None]


class Broken(AssertionError):
    """An invariant does not hold. `invariant` is the function that found out."""

    def __init__(self, invariant: Invariant, what: str) -> None:
        super().__init__(f"{invariant.__name__}: {what}")
        self.invariant = invariant


def broken(invariant: Invariant, what: str) -> NoReturn:
    raise Broken(invariant, what)


def invariant_01_every_saved_event_is_in_an_outbox_a_kept_copy_or_the_server(
    world: World,
) -> None:
    """1: every saved event is in an outbox, a kept copy or the server until discarded or erased."""
    me = invariant_01_every_saved_event_is_in_an_outbox_a_kept_copy_or_the_server
    for profile, row in _vanished(world):
        if not _may_go(world, profile, row):
            broken(me, f"{profile} let go of {_name(world, row['event_id'])}, {row['state']}")
    here = {row["event_id"] for _, row in _copies(world)} | world.server.by_id.keys()
    for made in world.mades:
        if made.is_kept and made.event_id not in here:
            broken(me, f"{made.name} is nowhere")
    for event_id, times in Counter(made.event_id for made in world.mades).items():
        if times > 1:
            broken(me, f"{times} check-ins go under {event_id}: all but one are nowhere")


def invariant_02_one_row_for_an_id_and_for_a_device_number(world: World) -> None:
    """2: within a clinic one row per `event_id` and per (`device_id`, `dseq`)."""
    me = invariant_02_one_row_for_an_id_and_for_a_device_number
    rows = world.server.rows
    ids = Counter(row.event["event_id"] for row in rows)
    ids.update({row.event_id for row in rows} - ids.keys())
    places = Counter((row.event["device_id"], row.event["dseq"]) for row in rows)
    for what, times in (*ids.items(), *places.items()):
        if times > 1:
            broken(me, f"{times} rows for {what}")


def invariant_03_what_is_acknowledged_under_todays_epoch_is_committed(world: World) -> None:
    """3: acknowledged under today's epoch ⇒ committed."""
    me = invariant_03_what_is_acknowledged_under_todays_epoch_is_committed
    for exchange in _syncs(world):
        for result in _results(exchange):
            row = exchange.after.by_id.get(result["event_id"])
            if result["status"] in TAKEN and (row is None or row.seq != result["seq"]):
                broken(me, f"the server said {result['status']} of {result['event_id']}")
    for profile, row in _copies(world):
        is_todays = row["state"] == "acknowledged" and row["epoch"] == world.server.epoch
        if is_todays and not world.is_erased(row["owner"]):
            stored = world.server.by_id.get(row["event_id"])
            if stored is None or stored.seq != row["seq"]:
                broken(me, f"{profile} holds {_name(world, row['event_id'])} for acknowledged")


def invariant_04_what_is_stored_is_what_was_made(world: World) -> None:
    """4: stored content = made content."""
    me = invariant_04_what_is_stored_is_what_was_made
    for row in world.server.rows:
        made = world.made(row.event["event_id"])
        if made is None:
            broken(me, f"nobody made {row.event_id}")
        if made.content != {name: row.event[name] for name in CONTENT}:
            broken(me, f"{made.name} is stored as {row.event}")


def invariant_05_the_owner_is_the_account_at_the_time_of_saving(world: World) -> None:
    """5: owner = account at saving."""
    me = invariant_05_the_owner_is_the_account_at_the_time_of_saving
    owners = {made.event_id: made.owner_id for made in world.mades}
    for row in world.server.rows:
        expected = owners.get(row.event["event_id"])
        if expected not in (None, row.patient_id) or row.event["owner"] != row.patient_id:
            broken(me, f"{_name(world, row.event_id)} is filed under another")
    for profile, row in _copies(world):
        if owners.get(row["event_id"], row["owner"]) != row["owner"]:
            broken(me, f"{profile} holds {_name(world, row['event_id'])} under another")
    for exchange in _syncs(world, forged=False):
        body = exchange.asked.json
        if any(one["owner"] != body["account"] for one in body["events"]):
            broken(me, f"{exchange.asked.profile} sent what belongs to another")


def invariant_06_no_reply_to_one_holds_anything_of_another(world: World) -> None:
    """6: no reply to A holds anything of B; nor does a phone that B has left."""
    me = invariant_06_no_reply_to_one_holds_anything_of_another
    for exchange in world.exchanges:
        if exchange.account is None or exchange.answer.status == 0:
            continue
        sent = (exchange.asked.body or "") + exchange.asked.path
        for secret in world.secrets_of_others(exchange.account):
            if secret in exchange.answer.text and secret not in sent:
                broken(me, f"{exchange.account} was told {secret} by {exchange.asked.what}")
    for tab, screen in world.screens.items():
        for version in screen["versions"]:
            if version["owner"] != screen["account"]:
                broken(me, f"{tab} shows {_name(world, version['event_id'])}")
    for profile, disk in world.disks.items():
        plain = [row for row in disk["events"] if not row["is_sealed"]]
        sent = {row["owner"] for row in plain if row["state"] == "acknowledged"}
        left = (sent | set(disk["readable_by"])) - {disk["account"]}
        if left:
            broken(me, f"{profile} can still be read as {left}")


def invariant_07_what_the_screen_calls_on_the_server_is_there(world: World) -> None:
    """7: "on the clinic's server" on screen ⇒ 3."""
    me = invariant_07_what_the_screen_calls_on_the_server_is_there
    for tab, screen in world.screens.items():
        profile = world.profile_of(tab)
        disk = world.disks[profile]
        held = {row["event_id"]: row for row in disk["events"] if row["owner"] == disk["account"]}
        epochs = {row["owner"]: row["epoch"] for row in disk["cursors"]}
        for version in screen["versions"]:
            if version["state"] != "on_server" or screen["account"] != disk["account"]:
                continue
            row = held.get(version["event_id"])
            if row and row["state"] != "acknowledged":
                broken(me, f"{tab} shows {_name(world, row['event_id'])} as sent; it waits")
            epoch = row["epoch"] if row else epochs.get(version["owner"])
            is_todays = epoch == world.server.epoch and not world.is_erased(version["owner"])
            if is_todays and version["event_id"] not in world.server.by_id:
                broken(me, f"{tab} shows {_name(world, version['event_id'])} as sent")


def invariant_08_when_faults_stop_nothing_stays_pending_and_all_agree(world: World) -> None:
    """8: when faults stop and the owner signs in, nothing stays pending and all devices agree."""
    me = invariant_08_when_faults_stop_nothing_stays_pending_and_all_agree
    if not world.is_settled:
        return
    stored = world.server.by_id
    for profile, row in _copies(world):
        made = world.made(row["event_id"])
        can_sign_in = not world.is_erased(row["owner"])
        if row["state"] == "pending" and can_sign_in and not (made and made.is_unreadable):
            broken(me, f"{_name(world, row['event_id'])} still waits on {profile}")
        if row["state"] == "acknowledged" and can_sign_in and row["event_id"] not in stored:
            broken(me, f"{profile} believes that {_name(world, row['event_id'])} is there")
        if row["state"] == "rejected" and made and made.is_good and row["event_id"] not in stored:
            broken(me, f"{made.name} was refused and is not stored")
    for made in world.mades:
        if made.is_good and made.is_kept and made.event_id not in stored:
            broken(me, f"{made.name} is not on the server")
    for profile, disk in world.disks.items():
        if disk["account"] is None or world.is_erased(disk["account"]):
            continue
        expected = {seq for seq, _, _ in world.server.log.get(disk["account"], ())}
        record = {row["seq"] for row in disk["record"] if row["epoch"] == world.server.epoch}
        if record != expected:
            broken(me, f"{profile} holds {sorted(record)} of the log {sorted(expected)}")


def invariant_09_each_change_exactly_once_and_no_hole(world: World) -> None:
    """9: each device sees each change exactly once per epoch, no hole."""
    me = invariant_09_each_change_exactly_once_and_no_hole
    for account, lines in world.server.log.items():
        if [line[0] for line in lines] != list(range(1, world.server.log_seq[account] + 1)):
            broken(me, f"the log of {world.name_of(account)} has a hole")
    for exchange in world.exchanges:
        if exchange.asked.what == "changes" and exchange.answer.status == 200:
            _check_page(world, exchange)
    for profile, disk in world.disks.items():
        for cursor in disk["cursors"]:
            if world.is_erased(cursor["owner"]):
                continue
            rows = [
                row
                for row in disk["record"]
                if (row["owner"], row["epoch"]) == (cursor["owner"], cursor["epoch"])
            ]
            if sorted(row["seq"] for row in rows) != list(range(1, cursor["after"] + 1)):
                broken(me, f"{profile} read up to {cursor['after']} and holds {len(rows)}")
            if cursor["epoch"] == world.server.epoch:
                _check_lines(world, profile, cursor, rows)


def _check_page(world: World, exchange: Exchange) -> None:
    me = invariant_09_each_change_exactly_once_and_no_hole
    body = exchange.answer.body
    account = world.clinic.ids[exchange.account or ""]
    if world.is_erased(account):
        return
    after = int(exchange.asked.path.partition("after=")[2].partition("&")[0])
    told = [change["seq"] for change in body["changes"]]
    if told != list(range(after + 1, body["next"] + 1)):
        broken(me, f"{told} was told after {after}, and {body['next']} comes next")
    if not body["more"] and body["next"] != max(after, exchange.after.log_seq[account]):
        broken(me, f"there was more after {body['next']}")


def _check_lines(
    world: World, profile: str, cursor: dict[str, Any], rows: list[dict[str, Any]]
) -> None:
    me = invariant_09_each_change_exactly_once_and_no_hole
    log = {seq: (kind, subject) for seq, kind, subject in world.server.log[cursor["owner"]]}
    for row in rows:
        kind, subject = log.get(row["seq"], ("nothing", ""))
        if kind == "nothing" or (row["event_id"] or subject) not in subject:
            broken(me, f"{profile} holds {row['event_id']} as {row['seq']}; the server, {subject}")


def invariant_10_rows_never_change_but_by_erasure(world: World) -> None:
    """10: rows never change except by erasure."""
    me = invariant_10_rows_never_change_but_by_erasure
    for row in world.server.rows:
        first = world.first_seen.setdefault((world.server.epoch, row.event_id), row)
        if first != row:
            broken(me, f"{_name(world, row.event_id)} was {first} and is {row}")
    for (epoch, event_id), first in world.first_seen.items():
        is_gone = event_id not in world.server.by_id and not world.is_erased(first.patient_id)
        if epoch == world.server.epoch and is_gone:
            broken(me, f"{_name(world, event_id)} is not there any more")


def invariant_11_what_is_erased_stays_erased(world: World) -> None:
    """11: erased stays erased."""
    me = invariant_11_what_is_erased_stays_erased
    for row in world.server.rows:
        if world.is_erased(row.patient_id) or row.event_id in world.server.erased:
            broken(me, f"{_name(world, row.event_id)} is back")
    for name in world.clinic.erased:
        if world.server.log.get(world.clinic.ids[name]):
            broken(me, f"the log of {name} is back")


def invariant_12_one_bad_item_blocks_nothing(world: World) -> None:
    """12: one bad item blocks nothing."""
    me = invariant_12_one_bad_item_blocks_nothing
    for exchange in _syncs(world):
        sent = exchange.asked.json["events"]
        results = _results(exchange)
        if Counter(one["event_id"] for one in sent) != Counter(one["event_id"] for one in results):
            broken(me, "not every event was answered once")
        answers = {one["event_id"]: one for one in results}
        for event in sent:
            result = answers[event["event_id"]]
            made = world.made(event["event_id"])
            is_fine = made is not None and made.is_good and not exchange.is_forged
            if is_fine and not _is_fair(world, exchange, event, result):
                broken(me, f"{_name(world, event['event_id'])} was answered {result}")


def invariant_13_an_ended_session_or_inactive_account_writes_nothing(world: World) -> None:
    """13: an ended session or inactive account writes nothing."""
    me = invariant_13_an_ended_session_or_inactive_account_writes_nothing
    for exchange in world.exchanges:
        if not exchange.is_ended or exchange.asked.what in ("sign-in", "sign-out"):
            continue
        if exchange.before.rows != exchange.after.rows:
            broken(me, f"{exchange.asked.what} of {exchange.account} wrote a row")
        if exchange.answer.status == 200:
            broken(me, f"{exchange.asked.what} of {exchange.account} was answered")


def invariant_14_contiguous_never_exceeds_what_is_stored(world: World) -> None:
    """14: `contiguous` never exceeds what is stored."""
    me = invariant_14_contiguous_never_exceeds_what_is_stored
    for (_account, device), count in world.server.contiguous.items():
        here = {row.dseq for row in world.server.rows if row.device_id == device}
        here |= {dseq for one, dseq in world.discarded if one == device}
        if not here.issuperset(range(1, count + 1)):
            broken(me, f"{device} is told {count}, and {sorted(here)} are here")


def invariant_15_the_same_event_has_the_same_seq_within_an_epoch(world: World) -> None:
    """15: same event ⇒ same `seq` within an epoch."""
    me = invariant_15_the_same_event_has_the_same_seq_within_an_epoch
    for exchange in _syncs(world):
        for result in _results(exchange):
            if result["status"] not in TAKEN:
                continue
            key = (exchange.answer.body["epoch"], result["event_id"])
            told = (result["seq"], result["received_at"])
            if world.told_seq.setdefault(key, told) != told:
                broken(me, f"{_name(world, key[1])} was {world.told_seq[key]} and now {told}")


ALL: tuple[Invariant, ...] = (
    invariant_01_every_saved_event_is_in_an_outbox_a_kept_copy_or_the_server,
    invariant_02_one_row_for_an_id_and_for_a_device_number,
    invariant_03_what_is_acknowledged_under_todays_epoch_is_committed,
    invariant_04_what_is_stored_is_what_was_made,
    invariant_05_the_owner_is_the_account_at_the_time_of_saving,
    invariant_06_no_reply_to_one_holds_anything_of_another,
    invariant_07_what_the_screen_calls_on_the_server_is_there,
    invariant_08_when_faults_stop_nothing_stays_pending_and_all_agree,
    invariant_09_each_change_exactly_once_and_no_hole,
    invariant_10_rows_never_change_but_by_erasure,
    invariant_11_what_is_erased_stays_erased,
    invariant_12_one_bad_item_blocks_nothing,
    invariant_13_an_ended_session_or_inactive_account_writes_nothing,
    invariant_14_contiguous_never_exceeds_what_is_stored,
    invariant_15_the_same_event_has_the_same_seq_within_an_epoch,
)


# --- what several of them look at --------------------------------------------------------------


def _name(world: World, event_id: str) -> str:
    made = world.made(event_id)
    return made.name if made else event_id


def _copies(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    for profile, disk in world.disks.items():
        for row in disk["events"]:
            yield profile, row


def _syncs(world: World, *, forged: bool = True) -> Iterator[Exchange]:
    for exchange in world.exchanges:
        is_wanted = forged or not exchange.is_forged
        if exchange.asked.what == "sync" and exchange.answer.status == 200 and is_wanted:
            yield exchange


def _results(exchange: Exchange) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = exchange.answer.body["results"]
    return found


def _vanished(world: World) -> Iterator[tuple[str, dict[str, Any]]]:
    for profile, before in world.disks_before.items():
        now = {(row["owner"], row["event_id"]) for row in world.disks[profile]["events"]}
        for row in before["events"]:
            if (row["owner"], row["event_id"]) not in now and profile not in world.replaced:
                yield profile, row


def _may_go(world: World, profile: str, row: dict[str, Any]) -> bool:
    """Whether a phone may let go of this copy: at somebody's wish, or because it is safe."""
    made = world.made(row["event_id"])
    if made is None or not made.is_kept or world.is_erased(row["owner"]):
        return True
    if (profile, row["owner"]) in world.wiped or (profile, row["event_id"]) in world.thrown_away:
        return True
    has_left = world.disks[profile]["account"] != row["owner"]
    if row["state"] != "acknowledged":
        return has_left and not row["is_sealed"] and world.was_told(row)
    if not row["is_sealed"] and has_left:
        return True
    age = world.clock_of(profile) - row["acknowledged_at"]
    if has_left:
        return age > KEPT_LONGEST_MS
    return age > KEPT_FOR_MS and row["event_id"] in world.server.by_id


def _is_fair(
    world: World, exchange: Exchange, event: dict[str, Any], result: dict[str, Any]
) -> bool:
    """Whether the server had a reason of this very event not to take it."""
    if result["status"] in TAKEN:
        return True
    kind = result["problem"]["kind"]
    if kind == "device-conflict":
        return any(
            (row.device_id, row.dseq) == (event["device_id"], event["dseq"])
            and row.event_id != event["event_id"]
            for row in exchange.after.rows
        )
    if kind == "erased":
        return world.is_erased(event["owner"])
    if kind == "daily-limit":
        return _taken_today(world, exchange) >= world.clinic.daily_limit
    if kind == "id-conflict":  # numbered anew on two phones of one backup: it is stored already
        row = exchange.after.by_id.get(event["event_id"])
        return row is not None and row.device_id != event["device_id"]
    return False


def _taken_today(world: World, exchange: Exchange) -> int:
    mine = world.clinic.ids[exchange.account or ""]
    return sum(row.patient_id == mine for row in exchange.after.rows)
