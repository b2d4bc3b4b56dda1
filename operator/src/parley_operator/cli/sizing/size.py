"""`size`: what a load needs, without a cluster."""

import json

import click


@click.command()
@click.option("--peak-connections", type=click.IntRange(1, 200_000_000), help="Most people connected at once.")
@click.option("--messages-per-second", type=click.IntRange(1, 10_000_000), help="Most messages sent each second.")
@click.option(
    "--members",
    type=click.IntRange(2, 500),
    default=2,
    show_default=True,
    help="People in the conversation of an average message, its sender included.",
)
@click.option(
    "--text-bytes", type=click.IntRange(1, 524_288), default=100, show_default=True, help="Length of an average text."
)
@click.option(
    "--average-percent",
    type=click.IntRange(1, 100),
    default=50,
    show_default=True,
    help="Average rate of a day, in percent of the peak.",
)
@click.option(
    "--retention-days",
    type=click.IntRange(1, 36_500),
    default=365,
    show_default=True,
    help="Days of history to have disks for; the store itself removes nothing.",
)
@click.option(
    "--replication", type=click.IntRange(1, 7), default=3, show_default=True, help="Copies in Kafka and in the store."
)
@click.option("--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form.")
@click.option("--figures", is_flag=True, help="Show the figures of the arithmetic, with their sources.")
@click.option("--limits", is_flag=True, help="Show where one ChatCluster ends as this load grows, and what then.")
def size(  # noqa: PLR0913 - one for each option
    *,
    peak_connections: int | None,
    messages_per_second: int | None,
    members: int,
    text_bytes: int,
    average_percent: int,
    retention_days: int,
    replication: int,
    output: str,
    figures: bool,
    limits: bool,
) -> None:
    """Show what a load needs: pods, nodes, partitions, brokers, store and Redis. No cluster is needed.

    \b
    Example: parley-operator size --peak-connections 100000 --messages-per-second 5000 --members 20
    """
    from parley_operator.cli.sizing import limits_shown, sizing_shown  # noqa: PLC0415 - keeps --help quick
    from parley_operator.desired.capacity import Load  # noqa: PLC0415

    if figures:
        constants = json.dumps(sizing_shown.constants_document(), indent=2) + "\n"
        click.echo(constants if output == "json" else sizing_shown.figures_text(), nl=False)
        return
    if peak_connections is None or messages_per_second is None:
        raise click.UsageError("name the load: --peak-connections and --messages-per-second, or ask for --figures")
    load = Load(
        peak_connections=peak_connections,
        messages_per_second=messages_per_second,
        members=members,
        text_bytes=text_bytes,
        average_percent=average_percent,
        retention_days=retention_days,
        replication=replication,
    )
    if output == "json":
        click.echo(json.dumps(limits_shown.limits_document(load) if limits else sizing_shown.document(load), indent=2))
    else:
        click.echo(limits_shown.limits_text(load) if limits else sizing_shown.needs_text(load), nl=False)
