"""`spec.limits` and `spec.retention`: how much one person may do, and how long logs are kept."""

from typing import Annotated

from pydantic import Field

from parley_operator.model.part import Part, Rule


class Limits(Part):
    """Limits for each connection and user; who goes beyond is told so."""

    rules = (
        Rule(
            "self.textBytes < self.frameBytes",
            "textBytes must be smaller than frameBytes: a text travels in a frame",
            field=".textBytes",
        ),
        Rule(
            "self.windowBytes >= self.frameBytes",
            "windowBytes must be at least frameBytes: otherwise the largest frame is never delivered",
            field=".windowBytes",
        ),
        Rule(
            "self.sendsBurst >= self.sendsPerSecond",
            "sendsBurst must be at least sendsPerSecond",
            field=".sendsBurst",
        ),
    )

    frame_bytes: Annotated[int, Field(ge=1024, le=1_048_576)] = 65_536
    """Largest frame from a client."""
    text_bytes: Annotated[int, Field(ge=1, le=524_288)] = 16_384
    """Largest text of a message."""
    group_members: Annotated[int, Field(ge=2, le=500)] = 500
    """Most members of a group."""
    watched_users: Annotated[int, Field(ge=0, le=100_000)] = 1000
    """Most users whose presence one connection may watch."""
    window_frames: Annotated[int, Field(ge=1, le=65_536)] = 256
    """Frames that a client may leave unconfirmed before it gets hints only."""
    window_bytes: Annotated[int, Field(ge=1024, le=67_108_864)] = 1_048_576
    """Bytes that a client may leave unconfirmed before it gets hints only."""
    sends_per_second: Annotated[int, Field(ge=1, le=100_000)] = 50
    """Requests of a user each second."""
    sends_burst: Annotated[int, Field(ge=1, le=1_000_000)] = 200
    """Requests that a user may make at once."""
    heartbeat_seconds: Annotated[int, Field(ge=1, le=600)] = 30
    """A connection that is silent for two of these is closed."""


class Retention(Part):
    """How long the logs are kept at least. History is in the message store and stays for ever."""

    ingress_hours: Annotated[int, Field(ge=192, le=87_600)] = 192
    """Of what people sent: the promise that a retry is recognised for seven days needs eight."""
    timeline_hours: Annotated[int, Field(ge=48, le=87_600)] = 48
    """Of what was put in order."""
    receipts_hours: Annotated[int, Field(ge=24, le=87_600)] = 24
    """Of receipts."""
    deadletter_hours: Annotated[int, Field(ge=24, le=87_600)] = 720
    """Of records that could not be read."""
