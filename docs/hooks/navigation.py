"""MkDocs' hooks for the navigation: an entry that ends with a slash stands for all pages of that folder."""  # noqa: INP001 - one file, loaded by MkDocs

from pathlib import Path
from typing import Any

INDEX = "index.md"
MADE = "<!-- Made by `make docs`; change the code instead. -->\n"


def on_config(config: Any) -> Any:  # noqa: ANN401 - MkDocs' own type; it is no dependency of the checks
    """Replace folders by their pages, the index first and the others by name. A missing folder stays an error."""
    config["nav"] = _expanded(config["nav"], Path(config["docs_dir"]))
    return config


def on_page_markdown(markdown: str, **_: Any) -> str:  # noqa: ANN401 - as above
    """Leave out the note for writers: what stands before a page's first heading would hide its title."""
    return markdown.removeprefix(MADE)


def _expanded(entry: Any, docs: Path) -> Any:  # noqa: ANN401 - lists, dicts and strings as YAML has them
    if isinstance(entry, dict):
        return {title: _expanded(inner, docs) for title, inner in entry.items()}
    if isinstance(entry, list):
        found: list[Any] = []
        for each in entry:
            found += _pages(each, docs) if _is_folder(each) else [_expanded(each, docs)]
        return found
    return entry


def _is_folder(entry: Any) -> bool:  # noqa: ANN401 - as above
    return isinstance(entry, str) and entry.endswith("/")


def _pages(folder: str, docs: Path) -> list[str]:
    names = sorted((path.name for path in (docs / folder).glob("*.md")), key=lambda name: (name != INDEX, name))
    return [f"{folder}{name}" for name in names] or [folder]
