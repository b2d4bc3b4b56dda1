"""Conversations with a past, written over the HTTP API before a window opens."""

import httpx

from tests.patience import STILL_S
from tests.platform import Platform


def seed_direct(platform: Platform, one: str, other: str, count: int) -> list[str]:
    """Let two people take turns until there are `count` messages; returns the texts in their order."""
    texts = [f"line {number}: {'and so on ' * (number % 7)}".strip() for number in range(1, count + 1)]
    with httpx.Client(base_url=platform.url, timeout=STILL_S) as http:
        for number, text in enumerate(texts):
            sender, receiver = (one, other) if number % 2 else (other, one)
            answer = http.post(
                f"/v1/direct/{receiver}/messages",
                headers={"Authorization": f"Bearer {platform.token(sender)}"},
                json={"client_msg_id": f"seed-{number}", "content": {"text": text}},
            )
            answer.raise_for_status()
    return texts
