"""What every part of a ChatCluster has in common: names in camelCase, and rules that the API server checks."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

DNS_LABEL: Final = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"
DNS_NAME: Final = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
HOST: Final = r"^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$"
HOST_AND_PORT: Final = r"^([A-Za-z0-9]([-A-Za-z0-9.]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$"
PORT_IN_RANGE: Final = (
    "int(each.substring(each.lastIndexOf(':') + 1)) > 0 && int(each.substring(each.lastIndexOf(':') + 1)) <= 65535"
)
"""A condition in the Common Expression Language, of an address `each`."""
QUANTITY: Final = r"^[0-9]+(\.[0-9]+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$"

_ATOMIC: Final = {"x-kubernetes-list-type": "atomic"}
_SET: Final = {"x-kubernetes-list-type": "set"}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule in the Common Expression Language, with the sentence that a person reads when it is broken.

    `message` names the field and the way out. `by` is an expression that makes the sentence where it needs values;
    then `message` is what stays when that fails. `field` is the field to point at, relative to the part.
    """

    rule: str
    message: str
    field: str = ""
    by: str = ""
    reason: str = "FieldValueInvalid"

    def manifest(self) -> dict[str, Any]:
        """The rule as an entry of `x-kubernetes-validations`."""
        optional = {"messageExpression": self.by, "fieldPath": self.field}
        return {
            "rule": self.rule,
            "message": self.message,
            "reason": self.reason,
            **{key: value for key, value in optional.items() if value},
        }


class Part(BaseModel):
    """A part of the resource. Unknown fields are refused, as the API server refuses or prunes them."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, use_attribute_docstrings=True
    )
    rules: ClassVar[tuple[Rule, ...]] = ()


def unique(**limits: Any) -> Any:  # noqa: ANN401 - pydantic's own type
    """A list whose entries are all different."""
    return Field(json_schema_extra=dict(_SET), **limits)


def by_key(*keys: str, **limits: Any) -> Any:  # noqa: ANN401 - pydantic's own type
    """A list in which these fields tell an entry from another."""
    return Field(
        json_schema_extra={"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": list(keys)}, **limits
    )


def ordered(**limits: Any) -> Any:  # noqa: ANN401 - pydantic's own type
    """A list that is replaced as a whole."""
    return Field(json_schema_extra=dict(_ATOMIC), **limits)


HostName = Annotated[str, Field(pattern=HOST, max_length=253)]
HostAndPort = Annotated[str, Field(pattern=HOST_AND_PORT, max_length=253)]
Text = Annotated[str, Field(max_length=1024)]
ObjectName = Annotated[str, Field(pattern=DNS_NAME, max_length=253)]
Labels = Annotated[dict[str, Annotated[str, Field(max_length=256)]], Field(max_length=64)]
Annotations = Annotated[dict[str, Annotated[str, Field(max_length=4096)]], Field(max_length=64)]


class SecretKey(Part):
    """A key of a Secret in the namespace of the ChatCluster."""

    name: ObjectName
    """Name of the Secret."""
    key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253)]
    """Key in it."""


class Credentials(Part):
    """A Secret with a user and a password; when it changes, the pods follow."""

    name: ObjectName
    """Name of the Secret."""
    username_key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253)] = "username"
    """Key of the user's name."""
    password_key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253)] = "password"  # noqa: S105 - the name of a key
    """Key of the password."""


class CertificateAuthority(Part):
    """A Secret with the certificates that are trusted."""

    name: ObjectName
    """Name of the Secret."""
    key: Annotated[str, Field(pattern=r"^[-._a-zA-Z0-9]+$", max_length=253)] = "ca.crt"
    """Key of the certificates in PEM format."""


class ClientCertificate(Part):
    """A Secret of type kubernetes.io/tls with the certificate that the pods show."""

    name: ObjectName
    """Name of the Secret; its keys are tls.crt and tls.key."""


class Tls(Part):
    """Encrypt the connection, and check the server's certificate."""

    trusted_certificates: CertificateAuthority | None = None
    """Certificates that sign the server's; without it those that the image trusts."""
    client_certificate: ClientCertificate | None = None
    """Certificate that the pods show; without it they show none."""
