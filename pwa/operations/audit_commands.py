"""`flask --app wsgi audit …`: is the audit log still what was written?"""

from __future__ import annotations

import re
import sys

import click
from flask.cli import AppGroup, with_appcontext

from pwa.audit.verify import Finding, Kept, walk_all
from pwa.database import reading

audit_group = AppGroup("audit", help="The audit log.")
KEPT = re.compile(r"(?P<clinic>[\w-]{1,36}):(?P<number>[1-9]\d{0,17}):(?P<hash>[0-9a-f]{64})")
KEEP_THESE = """\
Keep these lines somewhere else than on this server, and give them back with --expect next time.
An end that was cut off together with the note of it shows only against a line that was kept."""


@audit_group.command("verify")
@click.option(
    "--expect",
    "lines",
    multiple=True,
    metavar="CLINIC:NUMBER:HASH",
    help="The end of a chain as it was printed before; may be given several times.",
)
@with_appcontext
def verify_command(lines: tuple[str, ...]) -> None:
    """Walk every chain; tell the first broken entry of each. Ends with 1 if there is one."""
    kept = dict(_kept(line) for line in lines)
    findings = []
    with reading():
        for finding in walk_all(kept=kept):
            findings.append(finding)
            _tell(finding)
    whole = [one for one in findings if one.is_whole and one.chain_no]
    if whole:
        click.echo()
        click.echo(KEEP_THESE)
        for one in whole:
            click.echo(f"{one.clinic_id}:{one.chain_no}:{one.chain_hash}")
    if any(not one.is_whole for one in findings):
        sys.exit(1)


def _tell(finding: Finding) -> None:
    if finding.is_whole:
        entries = "1 entry" if finding.chain_no == 1 else f"{finding.chain_no} entries"
        click.echo(f"{finding.clinic_id}: {entries}, nothing changed and nothing missing")
    else:
        click.echo(f"{finding.clinic_id}: BROKEN at entry {finding.broken_at}: {finding.wrong}")


def _kept(line: str) -> tuple[str, Kept]:
    match = KEPT.fullmatch(line.strip())
    if match is None:
        raise click.BadParameter(f"not CLINIC:NUMBER:HASH: {line!r}", param_hint="--expect")
    return match["clinic"], Kept(chain_no=int(match["number"]), chain_hash=match["hash"])
