"""Connections and lag are read from what pods tell in Prometheus' text format."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from parley.contract import METRICS_PATH
from parley_operator.external.pod_metrics import PodMetrics, PodMetricsReader, parse


def test_a_gateway_and_a_consumer_are_read() -> None:
    gateway = ["# TYPE parley_connections gauge", "parley_connections 12.0", "parley_connections_opened_total 99.0"]
    assert parse(gateway) == PodMetrics(connections=12, opened=99)
    consumer = ['parley_consumer_lag{topic="a",partition="0"} 5', 'parley_consumer_lag{topic="a",partition="1"} 2.0']
    assert parse(consumer) == PodMetrics(lag=7)


def test_requests_and_the_errors_that_are_ours_are_counted() -> None:
    lines = [
        'parley_frames_received_total{type="send"} 40',
        'parley_frames_received_total{type="hello"} 2',
        'parley_refusals_total{code="unavailable"} 3',
        'parley_refusals_total{code="internal"} 1',
        'parley_refusals_total{code="forbidden"} 9',
    ]
    assert parse(lines) == PodMetrics(requests=42, faults=4)


def test_whoever_tells_none_of_it_has_none() -> None:
    assert parse([]) == PodMetrics()
    assert parse(["process_cpu_seconds_total 1.0", "", "# HELP parley_connections x", "parley_other 4"]) == PodMetrics()


def test_names_that_only_begin_alike_are_not_counted() -> None:
    lines = ["parley_connections 1", "parley_connections_limit 500", "parley_connections_opened_created 1.7e9"]
    assert parse(lines) == PodMetrics(connections=1)


def test_lines_that_nobody_asked_for_may_be_broken() -> None:
    assert parse(["this is { not a metric", "parley_connections 3"]) == PodMetrics(connections=3)


@given(
    open_now=st.lists(st.integers(0, 10**6), max_size=4),
    opened=st.integers(0, 10**9),
    lags=st.lists(st.integers(0, 10**9), max_size=5),
)
def test_what_the_official_client_writes_is_read_back(open_now: list[int], opened: int, lags: list[int]) -> None:
    registry = CollectorRegistry()
    connections = Gauge("parley_connections", "Open.", ["protocol"], registry=registry)
    for number, count in enumerate(open_now):
        connections.labels(f"p{number}").set(count)
    Counter("parley_connections_opened", "Opened.", registry=registry).inc(opened)
    lag = Gauge("parley_consumer_lag", "Behind.", ["topic", "partition"], registry=registry)
    for number, behind in enumerate(lags):
        lag.labels("timeline", str(number)).set(behind)
    Histogram("parley_stage_seconds", "Stages.", ["stage"], registry=registry).labels("deliver").observe(0.1)
    lines = generate_latest(registry).decode().splitlines()
    assert parse(lines) == PodMetrics(connections=sum(open_now), lag=sum(lags), opened=opened)


async def test_without_addresses_nobody_is_asked() -> None:
    assert await PodMetricsReader().read({}) == {}


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("parley_connections 7", {"here": PodMetrics(connections=7)}),
        ("parley_connections +Inf", {}),
        ("parley_connections NaN", {}),
        ("parley_connections seven", {}),
        ("", {"here": PodMetrics()}),
    ],
)
async def test_pods_that_answer_with_numbers_are_read_and_others_left_out(
    answer: str, found: dict[str, PodMetrics]
) -> None:
    async def tell(_: web.Request) -> web.Response:
        return web.Response(text=answer)

    application = web.Application()
    application.router.add_get(METRICS_PATH, tell)
    async with TestServer(application, host="127.0.0.1") as server:
        assert server.port
        reader = PodMetricsReader(server.port)
        assert await reader.read({"here": "127.0.0.1", "nowhere": "127.0.0.2"}) == found
        await reader.close()


async def test_a_pod_that_does_not_answer_is_left_out() -> None:
    reader = PodMetricsReader(port=1)
    assert await reader.read({"four": "127.0.0.1", "six": "::1"}) == {}
    await reader.close()
