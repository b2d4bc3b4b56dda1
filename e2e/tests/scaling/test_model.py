"""The model rests on what was measured and on what the code says, and on nothing else."""

import itertools
import json
from pathlib import Path

import msgspec
import pytest

from e2e.bench.stages.measure import Measured
from e2e.bench.stages.rows import rows_document
from e2e.scaling import loads
from e2e.scaling.loads import COLUMNS, WHOLE
from e2e.scaling.measured_costs import TARGET, module_of
from e2e.scaling.measurements import Measurements, UnmeasuredError
from parley.adapters.redis.channels import STREAM_ITEMS
from parley.domain.content import Content
from parley.protocol.server_frames import Ack, Message
from parley.protocol.views import EntryView
from parley.roles.fanout.main import BEACON_S
from parley_operator.desired import capacity_extent_figures as extents
from parley_operator.desired import capacity_figures as figures
from parley_operator.desired import measured_costs as costs
from parley_operator.desired.capacity import needs
from parley_operator.desired.capacity_extent import extent

BUSY = 0.75


def test_the_operators_costs_are_the_committed_measurements() -> None:
    assert TARGET.read_text() == module_of(Measurements.read()), "run `make scaling`"


def test_figures_that_repeat_a_number_of_the_services_are_that_number() -> None:
    assert figures.STREAM_ITEMS.value == STREAM_ITEMS
    assert BEACON_S == 1.0


def test_frames_are_as_long_as_the_model_has_them() -> None:
    text = "x" * 100
    conversation, key, identifier = "0" * 36, "0" * 32, str(2**62)
    entry = EntryView(
        10**6, "message", "user-00000000", identifier, key, "2026-01-01T00:00:00.000Z", 10**6, Content(text)
    )
    pushed = len(msgspec.msgpack.encode(Message(conversation, entry))) - len(text)
    assert pushed == pytest.approx(extents.FRAME_BYTES.value, rel=0.05)
    acknowledged = len(msgspec.msgpack.encode(Ack("change-1000", conversation, key, identifier)))
    assert acknowledged == pytest.approx(extents.ACK_BYTES.value, rel=0.1)


def test_a_pod_at_its_figure_leaves_a_quarter_of_its_core() -> None:
    pairs = (
        (figures.DELIVERIES_PER_GATEWAY, costs.GATEWAY_US),
        (figures.MESSAGES_PER_CHAT, costs.CHAT_US),
        (figures.MESSAGES_PER_SEQUENCER, costs.SEQUENCER_US),
        (figures.DELIVERIES_PER_FANOUT, costs.FANOUT_US),
        (figures.RECEIPTS_PER_WORKER, costs.RECEIPTS_US),
    )
    for figure, cost in pairs:
        assert figure.value * cost / 1_000_000 <= BUSY, (
            f"{figure.name}: a message costs {cost} us now; lower the figure"
        )


def test_a_full_gateway_fits_into_half_of_its_pods_memory() -> None:
    assert costs.CONNECTION_MEMORY * figures.CONNECTIONS_PER_GATEWAY.value <= 2**30 / 2


def test_the_whole_load_is_the_one_that_the_platform_is_made_for() -> None:
    average = loads.DAILY_USERS * loads.MESSAGES_EACH / loads.DAY_S
    assert average == pytest.approx(WHOLE.average(WHOLE.messages_per_second), rel=0.01)
    assert (WHOLE.peak_connections, WHOLE.messages_per_second) == (100_000_000, 700_000)
    one_copy = needs(WHOLE).store_bytes / WHOLE.replication
    assert one_copy == pytest.approx(loads.HISTORY_BYTES, rel=0.05)


def test_larger_columns_need_no_less_of_anything() -> None:
    found = [extent(column.load) for column in COLUMNS]
    for small, large in itertools.pairwise(found):
        assert all(getattr(small, name) <= getattr(large, name) for name in small.__slots__)


def test_what_was_not_measured_is_named_and_a_later_file_wins(tmp_path: Path) -> None:
    row = {"workload": "w", "product": "parley", "metric": "m", "value": 1, "unit": "s"}
    (tmp_path / "a.json").write_text(json.dumps({"rows": [row]}))
    (tmp_path / "b.json").write_text(json.dumps([{**row, "value": 2}]))
    (tmp_path / "bench.json").write_text(json.dumps({"rows": [{"workload": "w", "value": 9}, {**row, "value": None}]}))
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "simulated.json").write_text(json.dumps({"rows": [{**row, "value": 3}]}))
    found = Measurements.read(tmp_path)
    assert found.of("w", "m").value == 2
    assert found.of("w", "m").file == "b.json"
    with pytest.raises(UnmeasuredError, match="'other'"):
        found.of("w", "other")


def test_the_benchmark_of_the_stages_writes_rows_that_the_model_reads(tmp_path: Path) -> None:
    measured = [
        Measured("real servers, full load", 1_000, 2.0, {"gateway-1": 0.137, "redis": 0.016}),
        Measured("real servers, 200 a second", 400, 2.0, {"gateway-1": 0.5}),
    ]
    (tmp_path / "stages.json").write_text(rows_document(measured))
    found = Measurements.read(tmp_path)
    assert found.of("real servers, full load", "cpu gateway").value == 137
    assert found.of("real servers, full load", "rate").value == 500
    with pytest.raises(UnmeasuredError):
        found.of("real servers, 200 a second", "cpu gateway")
