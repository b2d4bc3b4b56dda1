"""The reference page of everything that the operator says: made from the code, so that it cannot be wrong."""

from collections.abc import Iterable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from parley_operator.kube.permissions import GRANTS, LEASE_GRANTS
from parley_operator.reconcile.catalogue import CONDITIONS, EVENTS, REASONS, Entry
from parley_operator.settings import OperatorSettings
from parley_operator.watch.metrics import REGISTRY

_HEAD: Final = "<!-- Made by `make docs`; change the code instead. -->\n# What the operator says\n"


def reference_page() -> str:
    """The page as Markdown."""
    return "\n".join(
        (
            _HEAD,
            "The fields of a ChatCluster explain themselves: `kubectl explain chatcluster.spec --recursive`.\n",
            _section("Conditions", "`status.conditions[].type`: what holds, and what does not.", CONDITIONS),
            _section("Reasons", "`status.conditions[].reason`: why.", REASONS),
            _section("Events", "`kubectl get events`: what happened. The same again is counted.", EVENTS),
            _metrics(REGISTRY),
            _settings(),
            _permissions(),
        )
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def _section(title: str, text: str, entries: Iterable[Entry]) -> str:
    rows = [(f"`{entry.name}`", entry.meaning, entry.action or "-") for entry in entries]
    return f"## {title}\n\n{text}\n\n{_table(('name', 'what it means', 'what to do'), rows)}"


def _metrics(registry: CollectorRegistry) -> str:
    rows = [
        (f"`{family.name}{'_total' if family.type == 'counter' else ''}`", family.type, family.documentation)
        for family in sorted(registry.collect(), key=lambda family: family.name)
    ]
    return f"## Metrics\n\n`/metrics` of the operator's own port.\n\n{_table(('name', 'type', 'what it is'), rows)}"


def _settings() -> str:
    rows = []
    for name, field in OperatorSettings.model_fields.items():
        default = "the host name" if field.default_factory else repr(field.default).strip("'")
        rows.append((f"`PARLEY_OPERATOR_{name.upper()}`", f"`{default}`" if default else "-", field.description or ""))
    return f"## Settings\n\nVariables of the operator's pod.\n\n{_table(('variable', 'default', 'what it is'), rows)}"


def _permissions() -> str:
    rows = [
        (f"`{kind.plural}{'/' + part if part else ''}`", kind.group or "core", ", ".join(verbs))
        for kind, part, verbs in (*GRANTS, *LEASE_GRANTS)
    ]
    text = "What the operator may do: in the namespaces that it watches, and with Leases in its own."
    return f"## Permissions\n\n{text}\n\n{_table(('resource', 'group', 'verbs'), rows)}"
