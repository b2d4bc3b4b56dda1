"""The command line: every command says what it does, shows an example, and exits with 0 only on success."""

from importlib.metadata import version as installed_version
from pathlib import Path
from typing import Final

import click

from parley.cli.failures import guarded, run_async
from parley.cli.provisioning_commands import schema, topics
from parley.contract import ROLES

_DEFAULT_DATA: Final = "./parley-data"
_DEFAULT_URL: Final = "http://127.0.0.1:8080"


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def parley() -> None:
    """Parley: self-hosted chat that loses nothing and keeps one order."""


@parley.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8080, show_default=True, help="Port of the page, the API and the socket; 0: a free one."
)
@click.option(
    "--data", default=_DEFAULT_DATA, show_default=True, help="Folder to keep everything in; :memory: keeps nothing."
)
def dev(host: str, port: int, data: str) -> None:
    """Run the whole platform in this process, for one machine.

    \b
    Example: parley dev --port 8080 --data ./parley-data
    """
    from parley.cli.dev import run_platform  # noqa: PLC0415 - servers are imported only by commands that serve

    run_async(run_platform(host, port, data))


@parley.command()
@click.argument("role", type=click.Choice(ROLES))
def run(role: str) -> None:
    """Run one role, configured by PARLEY_* variables (docs/settings.md).

    \b
    Example: PARLEY_LOG_URL=... PARLEY_STORE_URL=... PARLEY_REGISTRY_URL=... parley run sequencer
    """
    from parley.cli.single_role import run_role  # noqa: PLC0415 - servers are imported only by commands that serve

    run_async(run_role(role))


@parley.command()
@click.argument("user")
@click.option(
    "--data", default=_DEFAULT_DATA, show_default=True, help="Folder of `parley dev`, for its development key."
)
@click.option("--hours", default=24, show_default=True, type=click.IntRange(1, 24 * 365), help="How long it is valid.")
def token(user: str, data: str, hours: int) -> None:
    """Print a token for USER, signed with the development key.

    \b
    Example: curl -H "Authorization: Bearer $(parley token ann)" http://127.0.0.1:8080/v1/conversations
    """
    from parley.cli.tokens import development_token  # noqa: PLC0415 - keeps `parley --help` quick

    click.echo(guarded(lambda: development_token(user, Path(data), hours)))


def _client_options(command: click.decorators.FC) -> click.decorators.FC:
    """What `send` and `tail` share: where to connect, as whom, and with which token."""
    options = (
        click.option(
            "--url", default=_DEFAULT_URL, show_default=True, envvar="PARLEY_URL", help="Platform; also PARLEY_URL."
        ),
        click.option("--as", "user", required=True, help="User to act as."),
        click.option(
            "--token",
            "token_text",
            envvar="PARLEY_TOKEN",
            help="Token of that user; without it a development server is asked for one. Also PARLEY_TOKEN.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@parley.command()
@_client_options
@click.option("--to", help="User to write to; opens the direct conversation if there is none.")
@click.option("--conversation", help="Conversation to write in.")
@click.option("--client-msg-id", help="Key that makes a repeated call harmless; a random one by default.")
@click.argument("text")
def send(
    url: str,
    user: str,
    token_text: str | None,
    to: str | None,
    conversation: str | None,
    client_msg_id: str | None,
    text: str,
) -> None:
    """Send TEXT and print the acknowledgement as JSON: from then on the message is durable.

    \b
    Example: parley send --as ann --to bob "Hello, Bob"
    """
    from parley.cli.messages import send_message  # noqa: PLC0415 - keeps `parley --help` quick

    if (to is None) == (conversation is None):
        raise click.UsageError("name exactly one of --to USER and --conversation ID")
    click.echo(run_async(send_message(url, user, token_text, to, conversation, client_msg_id, text)))


@parley.command()
@_client_options
@click.option("--count", type=click.IntRange(1), help="Stop after so many messages; without it go on until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print every message as a JSON object.")
@click.option("--from-beginning", is_flag=True, help="Begin with the oldest message instead of the next one.")
def tail(
    url: str,
    user: str,
    token_text: str | None,
    count: int | None,
    as_json: bool,  # noqa: FBT001 - click passes flags by name
    from_beginning: bool,  # noqa: FBT001 - click passes flags by name
) -> None:
    """Print each message that USER receives, one a line, in the order of its conversation.

    \b
    Example: parley tail --as bob --count 1 --json
    """
    from parley.cli.messages import tail_messages  # noqa: PLC0415 - keeps `parley --help` quick

    run_async(tail_messages(url, user, token_text, count, as_json=as_json, from_beginning=from_beginning))


@parley.command()
@click.option("--url", default=_DEFAULT_URL, show_default=True, envvar="PARLEY_URL", help="Platform; also PARLEY_URL.")
@click.option("--as", "sender", required=True, help="User who sends.")
@click.option("--to", "receiver", required=True, help="User who must receive it.")
@click.option("--token-issuer", envvar="PARLEY_JWT_ISSUER", help="Issuer that tokens must have.")
@click.option("--token-audience", envvar="PARLEY_JWT_AUDIENCE", help="Audience that tokens must have.")
@click.option(
    "--wait-seconds", default=0.0, show_default=True, type=click.FloatRange(0, 3600), help="Try again for so long."
)
def check(
    url: str, sender: str, receiver: str, token_issuer: str | None, token_audience: str | None, wait_seconds: float
) -> None:
    """Send a message from one user to another, and print it as that one received it.

    Tokens are signed with PARLEY_JWT_SECRET; without it a development server is asked for them.

    \b
    Example: parley check --as ann --to bob
    """
    from parley.cli.check import Check, check_message  # noqa: PLC0415 - keeps `parley --help` quick

    if sender == receiver:
        raise click.UsageError(f"--as and --to are both {sender}: name two users")
    run_async(check_message(Check(url, sender, receiver, token_issuer, token_audience, wait_seconds)))


@parley.command()
def version() -> None:
    """Print the version.

    \b
    Example: parley version
    """
    click.echo(installed_version("parley"))


for group in (topics, schema):
    parley.add_command(group)


def main() -> None:
    """Entry point of the command `parley`."""
    parley(prog_name="parley")
