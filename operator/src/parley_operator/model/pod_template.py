"""`podTemplate` of a component: overrides of its pods, merged as `kubectl patch --type=strategic` would."""

from typing import Annotated, Any

from pydantic import Field

from parley_operator.model.part import DNS_LABEL, Annotations, Labels, Part, Rule, Text, by_key, ordered

Name = Annotated[str, Field(pattern=DNS_LABEL, max_length=63)]
Map = Annotated[dict[str, Annotated[str, Field(max_length=1024)]], Field(max_length=64)]


class KeyReference(Part):
    """A key of an object in the namespace."""

    name: Text
    """Name of the object."""
    key: Text
    """Key in it."""
    optional: bool | None = None
    """Whether it may be missing."""


class FieldReference(Part):
    """A field of the pod."""

    field_path: Text
    """Path of the field, such as status.podIP."""


class VariableSource(Part):
    """Where a variable's value comes from."""

    rules = (
        Rule(
            "[has(self.secretKeyRef), has(self.configMapKeyRef), has(self.fieldRef)].filter(each, each).size() == 1",
            "exactly one of secretKeyRef, configMapKeyRef and fieldRef must be set",
        ),
    )

    secret_key_ref: KeyReference | None = None
    """A key of a Secret."""
    config_map_key_ref: KeyReference | None = None
    """A key of a ConfigMap."""
    field_ref: FieldReference | None = None
    """A field of the pod."""


class Variable(Part):
    """An environment variable."""

    rules = (Rule("!has(self.value) || !has(self.valueFrom)", "only one of value and valueFrom may be set"),)

    name: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.-]*$", max_length=253)]
    """Name of the variable."""
    value: Annotated[str, Field(max_length=8192)] | None = None
    """Its value."""
    value_from: VariableSource | None = None
    """Where its value comes from."""


class Quantities(Part):
    """Amounts of resources, as Kubernetes writes them."""

    cpu: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?m?$", max_length=32)] | None = None
    """Processors, such as 500m or 2."""
    memory: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(k|M|G|T|Ki|Mi|Gi|Ti)?$", max_length=32)] | None = None
    """Memory, such as 512Mi."""


class Resources(Part):
    """What a container gets."""

    rules = tuple(
        Rule(
            f"!has(self.requests) || !has(self.limits) || !has(self.requests.{name}) || !has(self.limits.{name})"
            f" || quantity(self.requests.{name}).compareTo(quantity(self.limits.{name})) <= 0",
            f"requests.{name} must not be larger than limits.{name}",
            field=f".requests.{name}",
        )
        for name in ("cpu", "memory")
    )

    requests: Quantities | None = None
    """What is kept free for it."""
    limits: Quantities | None = None
    """What it may use at most."""


class VolumeMount(Part):
    """A volume as a container sees it."""

    name: Name
    """Name of the volume."""
    mount_path: Annotated[str, Field(pattern=r"^/", max_length=1024)]
    """Where it stands."""
    sub_path: Text | None = None
    """What of it."""
    read_only: bool | None = None
    """Whether it cannot be written."""


class Container(Part):
    """A container; one with the component's name overrides the component's own."""

    name: Name
    """Name of the container."""
    image: Text | None = None
    """Image; for a container that you add."""
    command: Annotated[list[Text], ordered(max_length=64)] | None = None
    """Program and arguments in place of the image's."""
    args: Annotated[list[Text], ordered(max_length=64)] | None = None
    """Arguments."""
    env: Annotated[list[Variable], by_key("name", max_length=64)] | None = None
    """Environment variables."""
    resources: Resources | None = None
    """What it gets."""
    volume_mounts: Annotated[list[VolumeMount], by_key("mountPath", max_length=32)] | None = None
    """Volumes in it."""
    restart_policy: Annotated[str, Field(pattern="^Always$", max_length=8)] | None = None
    """Always makes an init container a sidecar."""


class Items(Part):
    """The Secret or ConfigMap of a volume."""

    name: Text
    """Name of the object."""
    optional: bool | None = None
    """Whether it may be missing."""


class SecretItems(Part):
    """The Secret of a volume."""

    secret_name: Text
    """Name of the Secret."""
    optional: bool | None = None
    """Whether it may be missing."""


class EmptyDirectory(Part):
    """A folder that lives as long as the pod."""

    medium: Annotated[str, Field(pattern="^(Memory)?$", max_length=8)] | None = None
    """Memory keeps it in memory."""
    size_limit: Annotated[str, Field(max_length=32)] | None = None
    """Most that fits into it."""


class Volume(Part):
    """A volume that you add."""

    rules = (
        Rule(
            "[has(self.secret), has(self.configMap), has(self.emptyDir)].filter(each, each).size() == 1",
            "exactly one of secret, configMap and emptyDir must be set",
        ),
    )

    name: Name
    """Name of the volume."""
    secret: SecretItems | None = None
    """A Secret as files."""
    config_map: Items | None = None
    """A ConfigMap as files."""
    empty_dir: EmptyDirectory | None = None
    """An empty folder."""


class PodMetadata(Part):
    """Labels and annotations that pods get besides the operator's own."""

    rules = (
        Rule(
            "!has(self.labels) || self.labels.all(key, !key.startsWith('app.kubernetes.io/'))",
            "labels that begin with app.kubernetes.io/ belong to the operator: choose another prefix",
            field=".labels",
            reason="FieldValueForbidden",
        ),
    )

    labels: Labels | None = None
    """Labels."""
    annotations: Annotations | None = None
    """Annotations, for a service mesh, say."""


class HostAlias(Part):
    """An entry of the pod's hosts file."""

    ip: Annotated[str, Field(max_length=64)]
    """Address."""
    hostnames: Annotated[list[Text], ordered(max_length=16)]
    """Names."""


class PodSecurity(Part):
    """Users and groups of the pod's processes."""

    run_as_user: Annotated[int, Field(ge=1)] | None = None
    """Number of the user; without it the image's, or what an OpenShift-like platform assigns."""
    run_as_group: Annotated[int, Field(ge=1)] | None = None
    """Number of the group."""
    fs_group: Annotated[int, Field(ge=1)] | None = None
    """Group of the volumes."""


class PodSpec(Part):
    """Parts of a pod's specification that may be overridden."""

    containers: Annotated[list[Container], by_key("name", max_length=8)] | None = None
    """Containers to change (by name) or to add."""
    init_containers: Annotated[list[Container], by_key("name", max_length=8)] | None = None
    """Containers that run before."""
    volumes: Annotated[list[Volume], by_key("name", max_length=32)] | None = None
    """Volumes to add."""
    host_aliases: Annotated[list[HostAlias], by_key("ip", max_length=16)] | None = None
    """Entries of the hosts file."""
    security_context: PodSecurity | None = None
    """Users and groups."""
    runtime_class_name: Text | None = None
    """Class of the container runtime."""
    dns_policy: Annotated[str, Field(pattern="^(ClusterFirst|Default|None)$", max_length=16)] | None = None
    """How names are resolved."""
    scheduler_name: Text | None = None
    """Scheduler."""
    service_account_name: Text | None = None
    """A ServiceAccount of yours in place of the operator's."""


class PodTemplate(Part):
    """Overrides of pods."""

    metadata: PodMetadata | None = None
    """Labels and annotations."""
    spec: PodSpec | None = None
    """Parts of the specification."""

    def manifest(self) -> dict[str, Any]:
        """The override as Kubernetes writes it."""
        return self.model_dump(by_alias=True, exclude_none=True)
