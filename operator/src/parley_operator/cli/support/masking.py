"""Takes out of objects and logs what nobody else may see; pure, and tells what it took out."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"
HIDDEN: Final = "(hidden)"
_WORDS: Final = ("PASSWORD", "SECRET", "TOKEN", "KEY")
_FILE: Final = "_FILE"
_FIELDS_WITH_ARGUMENTS: Final = frozenset({"args", "command"})
_FIELDS_WITH_VARIABLES: Final = frozenset({"data", "binaryData", "stringData"})
_USER_IN_URL: Final = re.compile(r"(://)[^/@\s\"']+:[^/@\s\"']+@")
_SIGNED_TOKEN: Final = re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*")
_BEARER: Final = re.compile(r"(?i)(\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}")

Note = Callable[[str], None]
"""Takes the place of something that was left out."""


def secret_name(name: str) -> bool:
    """Whether a variable of this name may hold a secret itself, and not only the name of a file."""
    plain = name.upper().replace("-", "_").replace(".", "_")
    return any(word in plain for word in _WORDS) and not plain.endswith(_FILE)


def masked_text(text: str) -> str:
    """A line without users and passwords in URLs, and without tokens."""
    text = _USER_IN_URL.sub(rf"\1{HIDDEN}@", text)
    return _BEARER.sub(rf"\1{HIDDEN}", _SIGNED_TOKEN.sub(HIDDEN, text))


def masked(body: Any, note: Note = lambda _: None, place: str = "") -> Any:  # noqa: ANN401 - any part of an object
    """A copy of an object in which values of secret variables are hidden and copies of earlier specs are missing.

    `note` is told the place of each.
    """
    if isinstance(body, Mapping):
        return _masked_mapping(body, note, place)
    if isinstance(body, list):
        return [masked(each, note, f"{place}[{_title(each, number)}]") for number, each in enumerate(body)]
    if not isinstance(body, str):
        return body
    return _noted(body, masked_text(body), note, place)


def _noted(before: str, after: str, note: Note, place: str) -> str:
    if after != before:
        note(place)
    return after


def _title(entry: object, number: int) -> str:
    name = entry.get("name") if isinstance(entry, Mapping) else None
    return name if isinstance(name, str) else str(number)


def _masked_mapping(body: Mapping[str, Any], note: Note, place: str) -> dict[str, Any]:
    if body.get("kind") == "Secret":
        body = _without_content(body, note, place)
    hidden = _is_secret_variable(body)
    found: dict[str, Any] = {}
    for key, value in body.items():
        here = f"{place}.{key}" if place else str(key)
        if key == LAST_APPLIED:
            note(here)
        elif hidden and key == "value":
            note(place)
            found[key] = HIDDEN
        elif key in _FIELDS_WITH_VARIABLES and isinstance(value, Mapping):
            found[key] = {name: _masked_entry(name, each, note, f"{here}.{name}") for name, each in value.items()}
        elif key in _FIELDS_WITH_ARGUMENTS and isinstance(value, list):
            found[key] = _masked_arguments(value, note, here)
        else:
            found[key] = masked(value, note, here)
    return found


def _is_secret_variable(body: Mapping[str, Any]) -> bool:
    """Whether it is a variable with a value of its own, as in `env`."""
    name = body.get("name")
    return isinstance(name, str) and secret_name(name) and body.get("value") not in {None, ""}


def _without_content(secret: Mapping[str, Any], note: Note, place: str) -> dict[str, Any]:
    for key in ("data", "stringData"):
        if key in secret:
            note(f"{place}.{key}" if place else key)
    return {key: value for key, value in secret.items() if key not in {"data", "stringData"}}


def _masked_entry(name: str, value: Any, note: Note, place: str) -> Any:  # noqa: ANN401 - any part of an object
    if isinstance(value, str) and value and secret_name(name):
        return _noted(value, HIDDEN, note, place)
    return masked(value, note, place)


def _masked_arguments(values: list[Any], note: Note, place: str) -> list[Any]:
    """Arguments of a program: `--password=VALUE`, and `--password` followed by VALUE."""
    found: list[Any] = []
    before = ""
    for number, value in enumerate(values):
        here = f"{place}[{number}]"
        if not isinstance(value, str):
            found.append(masked(value, note, here))
            continue
        name, equals, _ = value.partition("=")
        if before.startswith("-") and "=" not in before and secret_name(before) and not value.startswith("-"):
            found.append(_noted(value, HIDDEN, note, here))
        elif equals and secret_name(name) and " " not in name:
            found.append(_noted(value, f"{name}={HIDDEN}", note, here))
        else:
            found.append(masked(value, note, here))
        before = value
    return found
