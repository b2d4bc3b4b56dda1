"""Liveness, readiness and metrics, whoever serves them."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from parley.contract import LIVENESS_PATH, METRICS_PATH, READINESS_PATH
from parley.domain.errors import ParleyError
from parley.runtime.backends import Backends
from parley.runtime.metrics import METRICS_CONTENT_TYPE, exposition
from parley.runtime.role import Role

_CHECK_TIMEOUT_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class HealthAnswer:
    """An HTTP answer, in parts that every server can send."""

    status: int
    content_type: str
    body: bytes


class Health:
    """Answers the three paths. Ready means: every role serves and every wired backend answers.

    With `lasting` a backend that was reached once may go away again without making the process unready: the others of
    its kind have lost the same backend, and without all of them nobody would get even an error. It is told as degraded.
    """

    def __init__(self, backends: Backends, roles: Sequence[Role], *, lasting: bool = False) -> None:
        """Ask these roles and the checks of these backends."""
        self._backends = backends
        self._roles = roles
        self._lasting = lasting
        self._was_ready = False

    async def answer(self, path: str) -> HealthAnswer | None:
        """Answer a health path; None for any other path."""
        if path == LIVENESS_PATH:
            return HealthAnswer(200, "application/json", b'{"status":"alive"}')
        if path == METRICS_PATH:
            return HealthAnswer(200, METRICS_CONTENT_TYPE, exposition())
        if path == READINESS_PATH:
            return await self._readiness()
        return None

    async def _readiness(self) -> HealthAnswer:
        waiting = {role.name: reason for role in self._roles if (reason := role.not_ready())}
        checks = self._backends.checks
        reasons = await asyncio.gather(*(self._ask(name) for name in checks))
        away = {name: reason for name, reason in zip(checks, reasons, strict=True) if reason}
        degraded = away if self._lasting and self._was_ready else {}
        if not degraded:
            waiting |= away
        self._was_ready = self._was_ready or not waiting
        answer: dict[str, object] = {"status": "ready" if not waiting else "not ready", "not_ready": waiting}
        body = json.dumps(answer | ({"degraded": degraded} if degraded else {})).encode()
        return HealthAnswer(503 if waiting else 200, "application/json", body)

    async def _ask(self, name: str) -> str | None:
        try:
            async with asyncio.timeout(_CHECK_TIMEOUT_S):
                await self._backends.checks[name]()
        except TimeoutError:
            return f"{name} did not answer within {_CHECK_TIMEOUT_S:g} s"
        except ParleyError as error:
            return error.message
        return None
