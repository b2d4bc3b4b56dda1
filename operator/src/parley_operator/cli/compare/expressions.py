"""The part of the Common Expression Language in which the model's rules are written; pure, and without a cluster."""

import ast
import ipaddress
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

# A negation binds as tightly as Python's ~, and more tightly than its `not`.
_PYTHON: Final = {"&&": " and ", "||": " or ", "!": "~", "true": "True", "false": "False"}
_TOKENS: Final = re.compile(r"'(?:[^'\\]|\\.)*'|&&|\|\||!(?!=)|\btrue\b|\bfalse\b")
_QUANTITY: Final = re.compile(r"([0-9.]+)(m|k|M|G|T|Ki|Mi|Gi|Ti)?")
_FACTORS: Final = {
    "m": Decimal("0.001"),
    **{suffix: Decimal(1000) ** power for power, suffix in enumerate(("k", "M", "G", "T"), 1)},
    **{suffix: Decimal(1024) ** power for power, suffix in enumerate(("Ki", "Mi", "Gi", "Ti"), 1)},
}


class UnsupportedError(Exception):
    """The expression uses something of the language that is not known here."""


def holds(rule: str, value: Mapping[str, Any]) -> bool:
    """Whether a rule holds for `self`; one that asks for a field that is not there does not."""
    try:
        return bool(_Evaluation({"self": value}).value(_parsed(rule)))
    except (LookupError, ValueError):
        return False


@lru_cache(maxsize=256)
def _parsed(rule: str) -> ast.expr:
    try:
        return ast.parse(_TOKENS.sub(lambda found: _PYTHON.get(found[0], found[0]), rule).strip(), mode="eval").body
    except SyntaxError as error:
        raise UnsupportedError(f"{rule}: {error.msg}") from None


def _quantity(text: str) -> Decimal:
    found = _QUANTITY.fullmatch(text)
    if found is None:
        raise ValueError(f"{text} is no quantity")
    return Decimal(found[1]) * _FACTORS.get(found[2], Decimal(1))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return "/" in text


def _is_url(text: str) -> bool:
    try:
        return bool(urlsplit(text).scheme) and not any(character.isspace() for character in text)
    except ValueError:
        return False


def _scheme(address: SplitResult) -> str:
    return address.scheme


def _compared(one: Decimal, other: Decimal) -> int:
    return (one > other) - (one < other)


_FUNCTIONS: Final[Mapping[str, Callable[..., Any]]] = {
    "int": int,
    "size": len,
    "isCIDR": _is_network,
    "isURL": _is_url,
    "url": urlsplit,
    "quantity": _quantity,
}
_METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "size": len,
    "contains": operator.contains,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
    "substring": lambda text, begin, end=None: text[begin:end],
    "lastIndexOf": str.rfind,
    "compareTo": _compared,
    "getScheme": _scheme,
}
_MACROS: Final[Mapping[str, Callable[[Iterable[tuple[Any, bool]]], Any]]] = {
    "all": lambda pairs: all(true for _, true in pairs),
    "exists": lambda pairs: any(true for _, true in pairs),
    "filter": lambda pairs: [entry for entry, true in pairs if true],
}
_COMPARISONS: Final[Mapping[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, others: one in others,
}


class _Evaluation:
    """One evaluation, with the variables that it sees."""

    def __init__(self, variables: Mapping[str, Any]) -> None:
        self._variables = variables
        self._kinds: Mapping[type[ast.expr], Callable[[Any], Any]] = {
            ast.Constant: lambda node: node.value,
            ast.Name: self._name,
            ast.List: lambda node: [self.value(each) for each in node.elts],
            ast.Attribute: lambda node: self.value(node.value)[node.attr],
            ast.Subscript: lambda node: self.value(node.value)[self.value(node.slice)],
            ast.UnaryOp: self._negation,
            ast.BinOp: self._sum,
            ast.BoolOp: self._junction,
            ast.Compare: self._comparison,
            ast.Call: self._call,
        }

    def value(self, node: ast.expr) -> Any:  # noqa: ANN401 - whatever the expression is about
        """What a part of the expression is."""
        if type(node) not in self._kinds:
            raise UnsupportedError(ast.unparse(node))
        return self._kinds[type(node)](node)

    def _name(self, node: ast.Name) -> Any:  # noqa: ANN401
        if node.id not in self._variables:
            raise UnsupportedError(node.id)
        return self._variables[node.id]

    def _negation(self, node: ast.UnaryOp) -> bool:
        if not isinstance(node.op, ast.Invert):
            raise UnsupportedError(ast.unparse(node))
        return not self.value(node.operand)

    def _sum(self, node: ast.BinOp) -> Any:  # noqa: ANN401
        if not isinstance(node.op, ast.Add):
            raise UnsupportedError(ast.unparse(node))
        return self.value(node.left) + self.value(node.right)

    def _junction(self, node: ast.BoolOp) -> bool:
        together = all if isinstance(node.op, ast.And) else any
        return together(self.value(each) for each in node.values)

    def _comparison(self, node: ast.Compare) -> Any:  # noqa: ANN401
        """From left to right: `a in b == c` compares whether a is in b with c, unlike in Python."""
        found = self.value(node.left)
        for kind, other in zip(node.ops, node.comparators, strict=True):
            if type(kind) not in _COMPARISONS:
                raise UnsupportedError(ast.unparse(node))
            found = _COMPARISONS[type(kind)](found, self.value(other))
        return found

    def _call(self, node: ast.Call) -> Any:  # noqa: ANN401
        called = node.func
        if isinstance(called, ast.Name) and called.id == "has" and isinstance(node.args[0], ast.Attribute):
            return node.args[0].attr in self.value(node.args[0].value)
        if isinstance(called, ast.Name) and called.id in _FUNCTIONS:
            return _FUNCTIONS[called.id](*(self.value(each) for each in node.args))
        if isinstance(called, ast.Attribute) and called.attr in _MACROS:
            return _MACROS[called.attr](self._each(self.value(called.value), node.args))
        if isinstance(called, ast.Attribute) and called.attr in _METHODS:
            return _METHODS[called.attr](self.value(called.value), *(self.value(each) for each in node.args))
        raise UnsupportedError(ast.unparse(node))

    def _each(self, entries: Iterable[Any], arguments: list[ast.expr]) -> Iterable[tuple[Any, bool]]:
        """Every entry, and whether the condition holds for it."""
        name, condition = arguments
        if not isinstance(name, ast.Name):
            raise UnsupportedError(ast.unparse(name))
        for entry in entries:
            yield entry, bool(_Evaluation({**self._variables, name.id: entry}).value(condition))
