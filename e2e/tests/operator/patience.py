"""How far a ChatCluster is, for tests that wait as long as it makes steps."""

from typing import Any


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
