"""What is hidden in objects and logs, and what stays."""

from copy import deepcopy
from typing import Any

import pytest

from parley_operator.cli.support.masking import HIDDEN, LAST_APPLIED, masked, masked_text, secret_name

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbm4ifQ.c2lnbmF0dXJl"  # noqa: S105 - nobody's


@pytest.mark.parametrize("name", ["DB_PASSWORD", "MY_SECRET", "token", "API_KEY", "aws-secret-access-key", "KEY_ID"])
def test_names_that_promise_a_secret_are_known(name: str) -> None:
    assert secret_name(name)


@pytest.mark.parametrize("name", ["PARLEY_LOG_PASSWORD_FILE", "jwt.secret_file", "PARLEY_LOG_USER", "MODE"])
def test_names_of_files_and_other_names_are_none(name: str) -> None:
    assert not secret_name(name)


def test_values_of_secret_variables_are_hidden_wherever_they_stand_and_their_places_told() -> None:
    body = {"spec": {"containers": [{"name": "chat", "env": [variable("DB_PASSWORD", "abc"), variable("MODE", "x")]}]}}
    places: list[str] = []
    found = masked(body, places.append)
    assert found["spec"]["containers"][0]["env"] == [variable("DB_PASSWORD", HIDDEN), variable("MODE", "x")]
    assert places == ["spec.containers[chat].env[DB_PASSWORD]"]


def test_where_a_secret_stands_stays_readable() -> None:
    entry = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}}
    file = variable("PARLEY_STORE_PASSWORD_FILE", "/etc/parley/cql/password")
    assert masked([entry, file]) == [entry, file]


def test_copies_of_earlier_specs_are_dropped() -> None:
    places: list[str] = []
    body = {"metadata": {"annotations": {LAST_APPLIED: "{}", "team": "chat"}}}
    assert masked(body, places.append) == {"metadata": {"annotations": {"team": "chat"}}}
    assert places == [f"metadata.annotations.{LAST_APPLIED}"]


def test_a_config_map_loses_only_what_is_secret() -> None:
    body = {"kind": "ConfigMap", "data": {"API_TOKEN": "abc", "PARLEY_PORT": "8080", "EMPTY_KEY": ""}}
    assert masked(body)["data"] == {"API_TOKEN": HIDDEN, "PARLEY_PORT": "8080", "EMPTY_KEY": ""}


def test_a_secret_loses_all_that_is_in_it() -> None:
    body = {"kind": "Secret", "metadata": {"name": "tokens"}, "data": {"jwt": "YWJj"}, "stringData": {"a": "b"}}
    assert masked(body) == {"kind": "Secret", "metadata": {"name": "tokens"}}


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["--db-password=abc", "--mode=x"], [f"--db-password={HIDDEN}", "--mode=x"]),
        (["--token", "abc", "run"], ["--token", HIDDEN, "run"]),
        (["--password-file", "/etc/p", "--key", "--mode"], ["--password-file", "/etc/p", "--key", "--mode"]),
        ([1, "keyboard layout=de"], [1, "keyboard layout=de"]),
    ],
)
def test_arguments_of_programs_are_hidden_too(arguments: list[Any], shown: list[Any]) -> None:
    assert masked({"args": arguments}) == {"args": shown}
    assert masked({"command": arguments}) == {"command": shown}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("redis://ann:abc@redis:6379/0", f"redis://{HIDDEN}@redis:6379/0"),
        (f"token {TOKEN} is old", f"token {HIDDEN} is old"),
        ("Authorization: Bearer abcdefghij", f"Authorization: Bearer {HIDDEN}"),
        ("bearer of news", "bearer of news"),
        ("kafka://kafka:9092 and a@b", "kafka://kafka:9092 and a@b"),
    ],
)
def test_logs_lose_users_of_urls_and_tokens(line: str, shown: str) -> None:
    assert masked_text(line) == shown
    assert masked({"message": line}) == {"message": shown}


def test_the_object_itself_is_not_changed() -> None:
    body = {"env": [variable("DB_PASSWORD", "abc")], "args": ["--token=abc"], "number": 3, "nothing": None}
    before = deepcopy(body)
    masked(body)
    assert body == before


def variable(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value}
