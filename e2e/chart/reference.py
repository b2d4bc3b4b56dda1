"""`python -m e2e.chart.reference`: writes the table of values in chart/README.md again, from chart/values.yaml."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

CHART: Final = Path(__file__).parents[2] / "chart"
BEGIN: Final = "<!-- values: begin -->"
END: Final = "<!-- values: end -->"


@dataclass(frozen=True, slots=True)
class Value:
    """One value of the chart: its path with dots, its default, and what the comment above it says."""

    path: str
    default: Any
    description: str


def values(text: str) -> list[Value]:
    """Every value in the order of the file.

    A mapping whose keys carry comments stands for its keys; one without is a value as a whole, such as `resources`. A
    description is empty where nothing is said.
    """
    lines = text.splitlines()
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        raise TypeError("chart/values.yaml is no mapping of names to values")
    return list(_of(root, "", lines))


def _of(node: yaml.MappingNode, prefix: str, lines: Sequence[str]) -> Iterator[Value]:
    for key, value in node.value:
        path = f"{prefix}{key.value}"
        if isinstance(value, yaml.MappingNode) and _documented(value, lines):
            yield from _of(value, f"{path}.", lines)
        else:
            yield Value(path, _plain(value), _comment(key.start_mark.line, lines))


def _documented(node: yaml.MappingNode, lines: Sequence[str]) -> bool:
    """Whether any key inside has a comment; a mapping of one line has none."""
    for key, value in node.value:
        if key.start_mark.line == node.start_mark.line and node.flow_style:
            return False
        if _comment(key.start_mark.line, lines):
            return True
        if isinstance(value, yaml.MappingNode) and _documented(value, lines):
            return True
    return False


def _comment(line: int, lines: Sequence[str]) -> str:
    """The comment right above a line."""
    found: list[str] = []
    while line > 0 and lines[line - 1].lstrip().startswith("#"):
        line -= 1
        found.insert(0, lines[line].lstrip().removeprefix("#").strip())
    return " ".join(found)


def _plain(node: yaml.Node) -> Any:  # noqa: ANN401 - any YAML value
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_object(node, deep=True)
    finally:
        loader.dispose()


def table(found: Sequence[Value]) -> str:
    """The values as a table in Markdown."""
    rows = [f"| `{each.path}` | `{_json(each.default)}` | {_cell(each.description)} |" for each in found]
    return "\n".join(("| value | default | what it is |", "|---|---|---|", *rows))


def _json(default: Any) -> str:  # noqa: ANN401 - any YAML value
    return json.dumps(default, ensure_ascii=False).replace("|", "\\|")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def page(readme: str, values_text: str) -> str:
    """The README with the table between its marks as it should be."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"chart/README.md has no table of values: put the lines {BEGIN} and {END} where it belongs")
    return f"{before}{begin}\n{table(values(values_text))}\n{end}{after}"


def main() -> None:
    """Write the README."""
    readme = CHART / "README.md"
    readme.write_text(page(readme.read_text(), (CHART / "values.yaml").read_text()))
    print(f"wrote {readme}")


if __name__ == "__main__":
    main()
