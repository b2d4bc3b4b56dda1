"""The commands as scripts see them: help with an example, exit codes, messages without tracebacks."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result
from inputs_example import MINIMAL
from test_cli_chat_clusters import chat_cluster

from parley_operator.cli.compare.documents import BadInputError
from parley_operator.cli.compare.render import optional_apis
from parley_operator.cli.connection import context_namespace, kubeconfig_path
from parley_operator.cli.failures import CommandError
from parley_operator.cli.main import main
from parley_operator.desired.inputs import KEDA_API, MONITORING_API

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("render", "diff", "status", "report", "top", "apply", "leave", "size")
NOWHERE = {
    "apiVersion": "v1",
    "kind": "Config",
    "current-context": "nowhere",
    "clusters": [{"name": "nowhere", "cluster": {"server": "http://127.0.0.1:1"}}],
    "contexts": [{"name": "nowhere", "context": {"cluster": "nowhere", "user": "nobody"}}],
    "users": [{"name": "nobody", "user": {}}],
}


def run(*arguments: str, text: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=text)


def file_with(folder: Path, *bodies: object) -> str:
    path = folder / "chatcluster.yaml"
    path.write_text(yaml.safe_dump_all(bodies))
    return str(path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    done = run(command, "--help")
    assert done.exit_code == 0
    _, example, typed = done.stdout.partition("Example: ")
    assert example
    assert f"parley-operator {command}" in typed


def test_help_loads_neither_the_client_nor_the_model() -> None:
    code = "import sys, parley_operator.cli.main; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"kubernetes", "kopf", "aiohttp", "parley_operator.model.chat_cluster"} & set(loaded)


def test_kubectl_finds_the_commands_as_its_plugin() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    assert scripts["kubectl-parley"] == scripts["parley-operator"]


def test_render_prints_objects_that_name_no_owner_that_is_not_there(tmp_path: Path) -> None:
    body = chat_cluster()
    del body["metadata"]["uid"]
    done = run("render", file_with(tmp_path, body))
    objects = list(yaml.safe_load_all(done.stdout))
    assert done.exit_code == 0
    assert {"ConfigMap", "StatefulSet", "Deployment", "Service"} <= {each["kind"] for each in objects}
    assert not any("ownerReferences" in each["metadata"] for each in objects)


def test_render_of_a_file_from_a_cluster_names_the_owner(tmp_path: Path) -> None:
    done = run("render", file_with(tmp_path, chat_cluster()))
    (owner,) = next(yaml.safe_load_all(done.stdout))["metadata"]["ownerReferences"]
    assert owner["uid"] == "uid-chat"


def test_render_reads_standard_input_and_several_documents() -> None:
    text = yaml.safe_dump_all([chat_cluster("one"), chat_cluster("two")])
    done = run("render", "-", text=text)
    names = {each["metadata"]["name"] for each in yaml.safe_load_all(done.stdout)}
    assert {"one-settings", "two-settings"} <= names


def test_render_makes_objects_of_optional_apis_only_where_they_are_there(tmp_path: Path) -> None:
    file = file_with(tmp_path, chat_cluster())
    without, with_them = run("render", file), run("render", "--api", "monitoring.coreos.com", file)
    assert "PodMonitor" not in without.stdout
    assert "kind: PodMonitor" in with_them.stdout


def test_render_uses_the_image_that_is_given(tmp_path: Path) -> None:
    done = run("render", "--image", "example.com/services:7", file_with(tmp_path, chat_cluster()))
    assert "image: example.com/services:7" in done.stdout


def test_optional_apis_have_names_with_and_without_version() -> None:
    assert optional_apis(["keda.sh", MONITORING_API]) == {KEDA_API, MONITORING_API}
    with pytest.raises(BadInputError, match=r"--api is 'x': allowed are monitoring\.coreos\.com/v1, "):
        optional_apis(["x"])


def test_bad_input_ends_with_2_and_names_field_value_and_what_is_allowed(tmp_path: Path) -> None:
    body = chat_cluster()
    body["spec"] = {**MINIMAL, "size": "huge"}
    done = run("render", file_with(tmp_path, body))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(
        'chatcluster.yaml: spec.size is "huge": allowed is one of development, small, medium, large, xlarge\n'
    )


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a: [", b""])
def test_a_file_that_is_no_chat_cluster_ends_with_2_and_one_line(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_bytes(content)
    done = run("render", str(path))
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize("command", [("status",), ("top",), ("top", "--once"), ("report", "chat"), ("diff", "FILE")])
def test_a_cluster_that_does_not_answer_ends_with_2_and_one_line(command: tuple[str, ...], tmp_path: Path) -> None:
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(yaml.safe_dump(NOWHERE))
    arguments = [file_with(tmp_path, chat_cluster()) if each == "FILE" else each for each in command]
    environment = {**os.environ, "KUBECONFIG": str(kubeconfig)}
    done = subprocess.run(
        [sys.executable, "-m", "parley_operator.cli", *arguments],
        check=False,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert "check that the cluster runs, and that --kubeconfig and --context name it" in done.stderr
    assert not list(tmp_path.glob("*.zip*"))


def test_a_name_and_all_namespaces_exclude_each_other() -> None:
    done = run("status", "chat", "-A")
    assert done.exit_code == 2
    assert "but not both" in done.stderr


def test_a_kubeconfig_is_found_as_kubectl_finds_it(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for path in (one, other):
        path.touch()
    named = {"KUBECONFIG": f"{one}:{tmp_path / 'missing'}:{other}"}
    assert kubeconfig_path("given", named, tmp_path) == "given"
    assert kubeconfig_path(None, named, tmp_path) == f"{one}:{other}"
    in_pod = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}
    assert kubeconfig_path(None, in_pod, tmp_path) is None
    usual = tmp_path / ".kube" / "config"
    usual.parent.mkdir()
    usual.touch()
    assert kubeconfig_path(None, in_pod, tmp_path) == str(usual)


def test_no_kubeconfig_at_all_is_told_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="set KUBECONFIG, or use --kubeconfig FILE"):
        kubeconfig_path(None, {}, tmp_path)
    with pytest.raises(CommandError, match="no such file is there: correct it"):
        kubeconfig_path(None, {"KUBECONFIG": str(tmp_path / "missing")}, tmp_path)


def test_the_namespace_is_that_of_the_context() -> None:
    contexts = [{"name": "a", "context": {"namespace": "talk"}}, {"name": "b", "context": {}}]
    assert context_namespace(contexts, contexts[1], "a") == "talk"
    assert context_namespace(contexts, contexts[0], None) == "talk"
    assert context_namespace(contexts, contexts[0], "b") == "default"
    assert context_namespace([], None, None) == "default"
