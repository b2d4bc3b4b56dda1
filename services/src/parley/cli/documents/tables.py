"""Tables of errors, close codes, settings and metrics."""

from collections.abc import Iterable
from typing import Any, Final

from prometheus_client import Counter, Gauge, Histogram
from pydantic_core import PydanticUndefined

from parley.contract import ENVIRONMENT_PREFIX
from parley.domain.errors import ERRORS
from parley.protocol.errors import AUTHENTICATE_BELOW, CLOSES, RECONNECT_BELOW
from parley.protocol.session_states import diagram
from parley.runtime import metrics
from parley.runtime.settings import Settings

_MADE: Final = "<!-- Made by `make docs`; change the code instead. -->\n"
_KINDS: Final[dict[type, str]] = {Counter: "counter", Gauge: "gauge", Histogram: "histogram"}


def errors_page() -> str:
    """Every error code."""
    rows = [
        (f"`{code}`", str(kind.http_status), "yes" if kind.retryable else "no", kind.meaning)
        for code, kind in ERRORS.items()
    ]
    return _page(
        "Errors",
        "Refusals have the same stable codes on the socket (`error`, `failed`) and over HTTP (problem+json). Branch on "
        "the code, show the message: it names the field, the value and what is allowed. What is retryable may succeed "
        "later, after `after_ms` where it is given.",
        _table(("code", "HTTP", "retryable", "meaning"), rows),
    )


def close_codes_page() -> str:
    """Every close code, and the session's states."""
    rows = [(str(int(code)), kind.meaning, kind.next_step) for code, kind in CLOSES.items()]
    text = (
        f"Below {RECONNECT_BELOW}: reconnect with jitter. From {RECONNECT_BELOW} to {AUTHENTICATE_BELOW - 1}: get a "
        f"new token first. From {AUTHENTICATE_BELOW} on: do not reconnect as you are. Codes of the WebSocket protocol "
        "itself (1001, 1006, 1009 for a frame above the limit, 1011) mean: reconnect with jitter."
    )
    states = f"\n## The life of a session\n\n```mermaid\n{diagram()}```\n"
    return _page("Close codes", text, _table(("code", "meaning", "what a client does"), rows) + states)


def settings_page() -> str:
    """Every setting."""
    rows = [
        (f"`{ENVIRONMENT_PREFIX}{name.upper()}`", _default(field.default), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    text = (
        "Read from the environment at the start; every mistake is reported at once. `parley dev` sets the address, the "
        "data folder and the development mode from its options. Times are milliseconds, sizes bytes."
    )
    return _page("Settings", text, _table(("variable", "default", "what it is"), rows))


def metrics_page() -> str:
    """Every metric."""
    rows = [
        (f"`{_name(metric)}`", _KINDS[type(metric)], ", ".join(metric._labelnames) or "-", metric._documentation)  # noqa: SLF001 - prometheus_client tells it nowhere else
        for metric in vars(metrics).values()
        if type(metric) in _KINDS
    ]
    text = "Served at `/metrics` in Prometheus' text format. Times are seconds."
    return _page("Metrics", text, _table(("metric", "kind", "labels", "what it counts"), rows))


def _name(metric: Counter | Gauge | Histogram) -> str:
    suffix = "_total" if isinstance(metric, Counter) else ""
    return f"{metric._name}{suffix}"  # noqa: SLF001 - prometheus_client tells it nowhere else


def _default(value: Any) -> str:  # noqa: ANN401 - defaults have all types
    if value is None or value is PydanticUndefined or value in {"", ()}:
        return "-"
    return f"`{value}`"


def _page(title: str, text: str, body: str) -> str:
    return f"{_MADE}# {title}\n\n{text}\n\n{body}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)
