"""Everything that can be set from outside, typed, with all mistakes reported at once."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from parley.contract import ENVIRONMENT_PREFIX
from parley.domain.limits import Limits

_Port = Annotated[int, Field(ge=0, le=65535)]
_Milliseconds = Annotated[int, Field(ge=1)]
_DEFAULTS = Limits()


class InvalidSettings(Exception):  # noqa: N818 - a state that a person mends, not a programming error
    """Every wrong setting, one line each: its name, its value, what is allowed."""


class Settings(BaseSettings):
    """Read from `PARLEY_*` variables. Times are milliseconds, sizes bytes, unless a name says otherwise."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, extra="ignore", frozen=True)

    log_url: str = Field(
        "sqlite:./parley-data",
        description="The event log: sqlite:DIR, kafka://HOST:PORT,… or kafka+tls://…",
    )
    store_url: str = Field(
        "sqlite:./parley-data",
        description="The message store: sqlite:DIR, cql://HOST,…:PORT/KEYSPACE or cql+tls://…",
    )
    registry_url: str = Field(
        "memory:",
        description="Registry and channels: memory:, redis:// or rediss://, also redis+sentinel:// and redis+cluster://",
    )
    partitions: int = Field(4, ge=1, le=1024, description="Partitions of each topic, fixed for the life of the log")

    log_user: str | None = Field(None, description="User of the event log (SASL); none: no authentication")
    log_password: SecretStr | None = Field(None, description="Password of that user")
    log_password_file: Path | None = Field(None, description="File with that password; read again when it changes")
    log_mechanism: Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"] = Field(
        "SCRAM-SHA-512", description="SASL mechanism of the event log"
    )
    log_ca_file: Path | None = Field(None, description="CA certificates of the event log; the system's when empty")
    log_certificate_file: Path | None = Field(None, description="Certificate that this process shows to the event log")
    log_key_file: Path | None = Field(None, description="Key of that certificate")
    log_prefix: str = Field(
        "parley.", pattern=r"^[A-Za-z0-9._-]{0,80}$", description="Begins the names of topics and consumer groups"
    )
    log_generation: int = Field(
        0, ge=0, le=1023, description="Counts logs that were created anew; part of topics' names"
    )
    log_replication: int = Field(3, ge=1, le=9, description="Replicas of each topic that `parley topics apply` creates")
    log_retention: str = Field(
        "", pattern=r"^([a-z]+:\d+(,[a-z]+:\d+)*)?$", description="How long records stay at least: topic:ms,topic:ms"
    )

    store_user: str | None = Field(None, description="User of the message store; none: no authentication")
    store_password: SecretStr | None = Field(None, description="Password of that user")
    store_password_file: Path | None = Field(None, description="File with that password; read for every connection")
    store_ca_file: Path | None = Field(
        None, description="CA certificates of the message store; the system's when empty"
    )
    store_certificate_file: Path | None = Field(None, description="Certificate that this process shows to the store")
    store_key_file: Path | None = Field(None, description="Key of that certificate")
    store_datacenter: str = Field("", description="Local data center of the store; that of the first host when empty")
    store_replication: str = Field(
        "3", description="Replication of the keyspace that `parley schema apply` creates: a number, or dc1:3,dc2:3"
    )

    registry_user: str | None = Field(None, description="ACL user of Redis; none: the default user")
    registry_password: SecretStr | None = Field(None, description="Password of that user")
    registry_password_file: Path | None = Field(None, description="File with that password; read for every connection")
    registry_ca_file: Path | None = Field(None, description="CA certificates of Redis; the system's when empty")
    registry_certificate_file: Path | None = Field(None, description="Certificate that this process shows to Redis")
    registry_key_file: Path | None = Field(None, description="Key of that certificate")
    registry_prefix: str = Field("parley:", description="Begins every key in Redis")
    registry_timeout_factor: float = Field(
        1, gt=0, le=100, description="Multiplies every wait for Redis; more than 1 for one that is far away"
    )

    host: str = Field("127.0.0.1", description="Address that public ports listen on")
    port: _Port = Field(8080, description="Public port: web client, HTTP API and, in `parley dev`, the socket")
    node_name: str = Field(
        "",
        description="Name of this process in leases, logs and consumer groups; the host name when empty",
    )
    admin_host: str = Field("127.0.0.1", description="Address of the admin port")
    admin_port: _Port = Field(9090, description="Port of probes and metrics of `parley run`")
    internal_host: str = Field("127.0.0.1", description="Address that chat listens on for gateways")
    internal_port: _Port = Field(8090, description="Port that chat listens on for gateways; never a public one")
    chat_url: str = Field(
        "http://127.0.0.1:8090", pattern=r"^https?://", description="Where gateways reach chat: its internal port"
    )
    internal_secret: SecretStr | None = Field(
        None, min_length=32, description="Secret that gateways and chat share, at least 32 characters"
    )
    internal_secret_file: Path | None = Field(
        None,
        description="File with that secret, read again when it changes; of several lines the first is sent",
    )

    jwt_secret: SecretStr | None = Field(None, description="Shared secret of HS256 tokens, at least 32 bytes")
    jwt_secret_file: Path | None = Field(None, description="File with that secret; read again when it changes")
    jwks_url: str | None = Field(None, description="URL of the public keys of RS256 and ES256 tokens")
    jwks_file: Path | None = Field(None, description="File with those keys; read again when it changes")
    jwt_issuer: str | None = Field(None, description="Required issuer of tokens; any when empty")
    jwt_audience: str | None = Field(None, description="Required audience of tokens; any when empty")
    jwt_leeway_ms: int = Field(10_000, ge=0, description="Tolerated difference of clocks for token times")
    development: bool = Field(default=False, description="Mint tokens for everybody who asks, at a page that says so")

    allowed_origins: tuple[str, ...] = Field((), description='Origins of pages that may connect; own host always; "*"')
    compression: bool = Field(default=False, description="Offer permessage-deflate to clients: CPU for bytes")

    heartbeat_ms: _Milliseconds = Field(30_000, description="A connection silent for two of these is closed")
    hello_timeout_ms: _Milliseconds = Field(10_000, description="Time for the first frame of a connection")
    stall_timeout_ms: _Milliseconds = Field(30_000, description="A reader without progress for so long is closed")
    drain_ms: int = Field(10_000, ge=0, description="Within this time a stopping gateway sends its clients away")
    drain_per_second: float = Field(
        0, ge=0, description="Most clients that it sends away each second; 0: all within half of that time"
    )
    lease_ms: _Milliseconds = Field(30_000, description="Life of a gateway's lease; renewed every third of it")
    presence_grace_ms: int = Field(15_000, ge=0, description="Offline is told so long after the last device left")
    receipts_merge_ms: int = Field(250, ge=0, description="Gateways merge receipts for so long")
    call_timeout_ms: _Milliseconds = Field(10_000, description="Deadline of a gateway's call to chat")
    questions_at_once: int = Field(
        256, ge=1, description="Most resumes, and most other questions, that a chat process works on; as many wait"
    )
    dedupe_hint: bool = Field(
        default=True, description="Remember client_msg_ids for a week, to recognise retries that are not marked"
    )

    frame_bytes: int = Field(_DEFAULTS.frame_bytes, ge=1024, description="Largest frame from a client")
    text_bytes: int = Field(_DEFAULTS.text_bytes, ge=1, description="Largest text of a message")
    group_members: int = Field(_DEFAULTS.group_members, ge=2, description="Most members of a group")
    watched_users: int = Field(_DEFAULTS.watched_users, ge=0, description="Most users whose presence one may watch")
    window_frames: int = Field(_DEFAULTS.window_frames, ge=1, description="Unconfirmed frames before head hints")
    window_bytes: int = Field(_DEFAULTS.window_bytes, ge=1024, description="Unconfirmed bytes before head hints")
    sends_per_second: float = Field(_DEFAULTS.sends_per_second, gt=0, description="Rate of requests per user")
    sends_burst: int = Field(_DEFAULTS.sends_burst, ge=1, description="Burst of requests per user")

    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least severe log line")
    log_format: Literal["auto", "json", "console"] = Field("auto", description="auto: console on a terminal, else json")

    def limits(self) -> Limits:
        """The limits as the rules take them."""
        return Limits(
            frame_bytes=self.frame_bytes,
            text_bytes=self.text_bytes,
            group_members=self.group_members,
            watched_users=self.watched_users,
            window_frames=self.window_frames,
            window_bytes=self.window_bytes,
            sends_per_second=self.sends_per_second,
            sends_burst=self.sends_burst,
        )


def load_settings(**overrides: Any) -> Settings:  # noqa: ANN401 - any field of Settings
    """Read the environment; options of the command line win. Raises InvalidSettings with every mistake."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        lines = [_complaint(mistake) for mistake in error.errors(include_url=False)]
        raise InvalidSettings("\n".join(lines)) from None


def _complaint(mistake: Any) -> str:  # noqa: ANN401 - pydantic's ErrorDetails
    name = ENVIRONMENT_PREFIX + ".".join(str(part) for part in mistake["loc"]).upper()
    value = "(hidden)" if "secret" in name.lower() else repr(mistake["input"])
    return f"{name} is {value}: {mistake['msg']}"
