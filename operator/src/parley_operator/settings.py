"""Settings of the operator, from the environment: PARLEY_OPERATOR_NAME."""

import socket
from typing import Annotated, Any

from pydantic import Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class OperatorSettings(BaseSettings):
    """What the operator is told at its start; every mistake is reported at once."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_OPERATOR_", frozen=True)

    watch_namespaces: Annotated[str, NoDecode] = Field(
        "", description="Namespaces that are watched, with commas between; all when empty"
    )
    namespace: str = Field("parley-system", description="Namespace of the operator's own Lease")
    lease_name: str = Field("parley-operator", description="Name of that Lease")
    identity: str = Field(default_factory=socket.gethostname, description="Name of this process in the Lease")
    image: str = Field("parley.chat/services:0.1.0", description="Image of the chat services, when the spec names none")
    host: str = Field("0.0.0.0", description="Address of probes and metrics")  # noqa: S104 - inside a pod
    port: int = Field(8080, ge=0, le=65535, description="Port of probes and metrics")
    workers: int = Field(8, ge=1, le=64, description="ChatClusters that are worked on at the same time")
    resync_s: float = Field(300.0, ge=1, description="Every ChatCluster is looked at so often, give or take a fifth")
    relist_s: float = Field(300.0, ge=1, description="All objects are listed again so often, for what no watch told")
    secrets_s: float = Field(
        30.0, ge=1, description="Each Secret that ChatClusters use is read so often, but no more than three in a second"
    )
    external_s: float = Field(300.0, ge=1, description="Topics, keyspace and Redis are looked at so often")
    external_deadline_s: float = Field(45.0, ge=1, description="Longest a look at one of these may take")
    metrics_s: float = Field(15.0, ge=1, description="Connections and lag are read from pods so often")
    scaling_s: float = Field(5.0, ge=1, description="The same, where the operator scales")
    stall_s: float = Field(
        60.0, ge=5, description="A leader that does not renew its Lease, or whose watch misses a change, is dead then"
    )
    log_level: str = Field("info", description="Least severe log line")

    @property
    def namespaces(self) -> tuple[str, ...]:
        """The watched namespaces; empty for all."""
        return tuple(sorted({name.strip() for name in self.watch_namespaces.split(",") if name.strip()}))


def load_settings(**overrides: Any) -> OperatorSettings:  # noqa: ANN401 - any field
    """Read the environment; `overrides` win. Raises pydantic's ValidationError with every mistake."""
    return OperatorSettings(**overrides)
