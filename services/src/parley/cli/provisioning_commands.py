"""`parley topics` and `parley schema`: plan, apply, status."""

from typing import TYPE_CHECKING

import click

from parley.cli.failures import guarded
from parley.runtime.settings import load_settings

if TYPE_CHECKING:
    from parley.provisioning import Report


@click.group()
def topics() -> None:
    """Compare, create and repair the topics in Kafka."""


@click.group()
def schema() -> None:
    """Compare, create and bring up to date the keyspace of the message store."""


def _show(report: "Report", nothing: str, doing: str) -> None:
    """Print a report; a plan with refusals ends with exit code 1."""
    for step in report.steps:
        click.echo(f"{doing}: {step}")
    for refusal in report.refusals:
        click.echo(f"refused: {refusal}")
    if report.refusals:
        raise SystemExit(1)
    if not report.steps:
        click.echo(nothing)


@topics.command("plan")
def topics_plan() -> None:
    """Show what `parley topics apply` would do; exit code 1 when something is refused.

    \b
    Example: PARLEY_LOG_URL=kafka://127.0.0.1:9092 parley topics plan
    """
    from parley import provisioning  # noqa: PLC0415 - keeps `parley --help` quick

    _show(
        guarded(lambda: provisioning.topics_plan(load_settings())),
        "nothing to do: every topic is as it should be",
        "would",
    )


@topics.command("apply")
def topics_apply() -> None:
    """Create missing topics and repair settings; never takes anything away.

    \b
    Example: PARLEY_LOG_URL=kafka://127.0.0.1:9092 PARLEY_LOG_REPLICATION=1 parley topics apply
    """
    from parley import provisioning  # noqa: PLC0415 - keeps `parley --help` quick

    _show(
        guarded(lambda: provisioning.topics_apply(load_settings())),
        "nothing to do: every topic is as it should be",
        "done",
    )


@topics.command("status")
def topics_status() -> None:
    """Say whether every topic is as it should be; exit code 1 when one is not.

    \b
    Example: PARLEY_LOG_URL=kafka://127.0.0.1:9092 parley topics status
    """
    from parley import provisioning  # noqa: PLC0415 - keeps `parley --help` quick

    report = guarded(lambda: provisioning.topics_plan(load_settings()))
    _show(report, "in order", "missing")
    raise SystemExit(1 if report.steps else 0)


@topics.command("rewind")
def topics_rewind() -> None:
    """Let the sequencers fold again from where the store stands, after it was restored from an older backup.

    Stop the sequencers first. What they fold again gets the same order as before.

    \b
    Example: PARLEY_LOG_URL=kafka://127.0.0.1:9092 PARLEY_STORE_URL=cql://127.0.0.1/parley parley topics rewind
    """
    from parley import provisioning  # noqa: PLC0415 - keeps `parley --help` quick

    _show(guarded(lambda: provisioning.topics_rewind(load_settings())), "nothing to do", "done")


@schema.command("plan")
def schema_plan() -> None:
    """Show what `parley schema apply` would do; exit code 1 when something is refused.

    \b
    Example: PARLEY_STORE_URL=cql://127.0.0.1/parley parley schema plan
    """
    from parley import provisioning  # noqa: PLC0415 - keeps `parley --help` quick

    _show(
        guarded(lambda: provisioning.schema_plan(load_settings())), "nothing to do: the schema is up to date", "would"
    )


@schema.command("apply")
def schema_apply() -> None:
    """Create the keyspace and apply the steps it lacks; never takes anything away.

    \b
    Example: PARLEY_STORE_URL=cql://127.0.0.1/parley PARLEY_STORE_REPLICATION=1 parley schema apply
    """
    from parley import provisioning  # noqa: PLC0415 - keeps `parley --help` quick

    _show(
        guarded(lambda: provisioning.schema_apply(load_settings())), "nothing to do: the schema is up to date", "done"
    )


@schema.command("status")
def schema_status() -> None:
    """Say whether the schema is what this version needs; exit code 1 when it is not.

    \b
    Example: PARLEY_STORE_URL=cql://127.0.0.1/parley parley schema status
    """
    from parley import provisioning  # noqa: PLC0415 - keeps `parley --help` quick

    report = guarded(lambda: provisioning.schema_plan(load_settings()))
    _show(report, "in order", "missing")
    raise SystemExit(1 if report.steps else 0)
