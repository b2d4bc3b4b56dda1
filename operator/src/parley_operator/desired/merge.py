"""Strategic merge, as `kubectl patch --type=strategic` does it, for the parts of pods that may be overridden."""

from typing import Any, Final

_MERGE_KEYS: Final = {
    "containers": "name",
    "initContainers": "name",
    "env": "name",
    "volumes": "name",
    "volumeMounts": "mountPath",
    "hostAliases": "ip",
    "imagePullSecrets": "name",
    "ports": "containerPort",
}
"""Lists whose entries are told apart by a key; all others are replaced as a whole."""


def strategic_merge(original: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """`original` with `patch` laid over it; neither is changed. A value of None removes its field."""
    merged = dict(original)
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            before = merged.get(key)
            merged[key] = strategic_merge(before if isinstance(before, dict) else {}, value)
        elif isinstance(value, list) and key in _MERGE_KEYS and isinstance(merged.get(key), list):
            merged[key] = _merged_list(merged[key], value, _MERGE_KEYS[key])
        else:
            merged[key] = value
    return merged


def _merged_list(original: list[Any], patch: list[Any], key: str) -> list[Any]:
    """Entries of the same key are merged in place, new ones come last; as with `value` and `valueFrom`, one wins."""
    changes = {entry[key]: entry for entry in patch}
    merged = [_merged_entry(entry, changes.pop(entry[key])) if entry[key] in changes else entry for entry in original]
    return [*merged, *(strategic_merge({}, entry) for entry in changes.values())]


def _merged_entry(entry: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    merged = strategic_merge(entry, change)
    if "value" in change:
        merged.pop("valueFrom", None)
    elif "valueFrom" in change:
        merged.pop("value", None)
    return merged
