"""Every permission that the operator's calls need, and no other; a test compares it with the API server's audit log."""

from typing import Any, Final

from parley_operator.kube.resources import (
    CHAT_CLUSTERS,
    CHILDREN,
    CONTROLLER_REVISIONS,
    EVENTS,
    LEASES,
    PODS,
    SECRETS,
    Resource,
)

Rule = dict[str, Any]

_CHILD_VERBS: Final = ("get", "list", "watch", "create", "patch", "delete")

GRANTS: Final[tuple[tuple[Resource, str, tuple[str, ...]], ...]] = (
    (CHAT_CLUSTERS, "", ("get", "list", "watch", "patch")),
    (CHAT_CLUSTERS, "status", ("patch",)),
    # Not a call: platforms that enforce permissions of owner references ask for it when children are made.
    (CHAT_CLUSTERS, "finalizers", ("update",)),
    *((kind, "", _CHILD_VERBS) for kind in CHILDREN),
    (PODS, "", ("get", "list", "watch", "delete")),
    (PODS, "eviction", ("create",)),
    (CONTROLLER_REVISIONS, "", ("get",)),
    (SECRETS, "", ("get", "create")),
    (EVENTS, "", ("create", "patch")),
)
"""In every namespace that is watched: kind, subresource, verbs."""

LEASE_GRANTS: Final = ((LEASES, "", ("get", "create", "update")),)
"""In the operator's own namespace."""


def rules(grants: tuple[tuple[Resource, str, tuple[str, ...]], ...]) -> list[Rule]:
    """Grants as the rules of a Role, those with the same group and verbs together."""
    together: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for kind, subresource, verbs in grants:
        name = f"{kind.plural}/{subresource}" if subresource else kind.plural
        together.setdefault((kind.group, verbs), []).append(name)
    return [
        {"apiGroups": [group], "resources": sorted(names), "verbs": list(verbs)}
        for (group, verbs), names in together.items()
    ]
