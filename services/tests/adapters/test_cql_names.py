"""Names of the store's nodes, for which there may be no answer yet when a process starts."""

import pytest
from structlog.testing import capture_logs

from parley.adapters.cql.access import CqlAccess
from parley.adapters.cql.session import CqlSession
from parley.domain.errors import ErrorCode, ParleyError
from tests.patience import until

TRIES = 3


async def test_g8_a_name_without_an_answer_is_said_and_asked_for_again_and_again() -> None:
    with capture_logs() as told:
        session = CqlSession(CqlAccess(("store.invalid",), 9042, "parley"), lambda _: None)
        await until(f"it asked {TRIES} times", lambda: len(told) >= TRIES, lambda: len(told))
        with pytest.raises(ParleyError) as refused:
            await session.check()
        await session.close()
    assert refused.value.code is ErrorCode.UNAVAILABLE
    assert "the store at store.invalid:9042 has a name to which DNS gives no address" in refused.value.message
    assert [each["event"] for each in told[:TRIES]] == ["the store is not connected"] * TRIES
