"""A tracer that remembers, for tests of what stages do with spans."""

from dataclasses import dataclass, field

from typing_extensions import override

from parley.runtime.tracing import Attributes, Span, Stage, Tracer


@dataclass
class Remembered(Span):
    stage: Stage
    parent: str
    number: int
    ends: list[str | None] = field(default_factory=list)

    @property
    @override
    def context(self) -> str:
        return f"context-{self.number}"

    @override
    def end(self, error: str | None = None, attributes: Attributes | None = None) -> None:
        self.ends.append(error)


@dataclass
class RecordingTracer(Tracer):
    """Chooses everything."""

    spans: list[Remembered] = field(default_factory=list)

    @override
    def begin(self, stage: Stage, attributes: Attributes) -> Span:
        return self.follow(stage, "", attributes)

    @override
    def follow(self, stage: Stage, parent: str, attributes: Attributes) -> Span:
        self.spans.append(Remembered(stage, parent, len(self.spans)))
        return self.spans[-1]
