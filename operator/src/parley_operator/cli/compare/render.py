"""`render`: the objects that ChatClusters become, without a cluster."""

from collections.abc import Iterable, Sequence
from importlib.metadata import version as installed_version
from typing import Any, TextIO

import click
import yaml
from typing_extensions import override

from parley_operator.cli.compare.documents import BadInputError, ClusterDocument, Documents, read_documents
from parley_operator.cli.failures import note
from parley_operator.desired.desired import desired
from parley_operator.desired.inputs import OPTIONAL_APIS, Inputs, Surroundings
from parley_operator.settings import OperatorSettings

Manifest = dict[str, Any]


def run_render(file: TextIO, namespace: str | None, apis: Iterable[str], image: str | None) -> None:
    """Print the objects."""
    chosen = optional_apis(apis)
    documents = read(file, namespace)
    for other in documents.others:
        note(other)
    click.echo(render(documents.clusters, image or default_image(), chosen), nl=False)


def read(file: TextIO, namespace: str | None, default_namespace: str = "default") -> Documents:
    """The ChatClusters of a file."""
    try:
        return read_documents(file.read(), file.name, namespace, default_namespace)
    except UnicodeDecodeError:
        raise BadInputError(f"{file.name} is not text in UTF-8: give it a YAML file") from None


def default_image() -> str:
    """The image of the chat services that an operator without other settings uses."""
    return str(OperatorSettings.model_fields["image"].default)


def optional_apis(names: Iterable[str]) -> frozenset[str]:
    """Optional APIs by their names, with or without the version."""
    found = set()
    for name in names:
        fitting = [api for api in OPTIONAL_APIS if name in {api, api.rpartition("/")[0]}]
        if not fitting:
            raise BadInputError(f"--api is {name!r}: allowed are {', '.join(OPTIONAL_APIS)}")
        found.update(fitting)
    return frozenset(found)


def inputs_of(document: ClusterDocument, image: str, apis: frozenset[str], uid: str = "") -> Inputs:
    """The inputs of a ChatCluster, when nothing is known of its Secrets."""
    around = Surroundings(image, installed_version("parley"), apis)
    return Inputs(document.name, document.namespace, uid or document.uid, document.spec, around)


def objects_of(inputs: Inputs) -> list[Manifest]:
    """The objects. Without a uid they name no owner: one that does not exist would have them deleted at once."""
    made = desired(inputs)
    if inputs.uid:
        return made
    return [{**each, "metadata": _without_owner(each["metadata"])} for each in made]


def _without_owner(metadata: Manifest) -> Manifest:
    return {key: value for key, value in metadata.items() if key != "ownerReferences"}


def render(documents: Sequence[ClusterDocument], image: str, apis: frozenset[str]) -> str:
    """All objects of all ChatClusters, as YAML documents."""
    made = [each for document in documents for each in objects_of(inputs_of(document, image, apis))]
    return yaml.dump_all(made, Dumper=_PlainDumper, sort_keys=False, width=120, allow_unicode=True, explicit_start=True)


class _PlainDumper(yaml.SafeDumper):
    """Writes everything out: kubectl knows anchors, but people who compare files do not want them."""

    @override
    def ignore_aliases(self, data: Any) -> bool:
        return True
