"""How long a test waits: as long as something goes on, since a busy machine is slow without anything being wrong."""

from typing import Any

STILL_S = 120.0
"""How long nothing at all may change before a test gives up."""
WHOLE_S = 600.0
"""How long a test waits in all, whatever goes on."""


class Patience:
    """Over when nothing changed for `still_s`, or when `whole_s` are over; times are of one clock, in seconds."""

    def __init__(self, now: float, still_s: float = STILL_S, whole_s: float = WHOLE_S) -> None:
        """It begins now."""
        self._still_s = still_s
        self._end = now + max(whole_s, still_s)
        self._changed = now
        self._seen: Any = None

    def over(self, now: float, seen: Any) -> bool:
        """Whether to give up; `seen` is how things stand, None when that could not be seen."""
        if seen is not None and seen != self._seen:
            self._seen = seen
            self._changed = now
        return now > self._end or now - self._changed > self._still_s


def standing(chat_cluster: dict[str, Any], pods: list[dict[str, Any]]) -> Any:
    """How far a ChatCluster is: differs when it went a step further, and not with numbers that come and go."""
    status = chat_cluster.get("status", {})
    conditions = sorted((each["type"], each["status"], each.get("reason")) for each in status.get("conditions", []))
    rollout = status.get("rollout", {})
    return (
        chat_cluster["metadata"]["generation"],
        status.get("phase"),
        conditions,
        (rollout.get("stage"), rollout.get("message")),
        sorted(_step(each) for each in pods),
    )


def _step(pod: dict[str, Any]) -> tuple[str, str, bool, bool]:
    metadata = pod["metadata"]
    ready = any(
        each["type"] == "Ready" and each["status"] == "True" for each in pod.get("status", {}).get("conditions", [])
    )
    return metadata["name"], metadata["uid"], ready, "deletionTimestamp" in metadata
