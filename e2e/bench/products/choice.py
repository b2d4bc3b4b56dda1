"""The products by name; only the module of the one that is wanted is imported."""

from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

from e2e.bench.contract import Product

PRODUCTS: Final = {
    "parley": "e2e.bench.products.parley:ParleyEmbedded",
    "parley-engines": "e2e.bench.products.parley:ParleyOnEngines",
    "prosody": "e2e.bench.products.prosody:Prosody",
    "ejabberd": "e2e.bench.products.ejabberd:Ejabberd",
    "synapse": "e2e.bench.products.synapse:Synapse",
    "centrifugo": "e2e.bench.products.centrifugo:Centrifugo",
    "prosody-unflushed": "e2e.bench.products.prosody:prosody_unflushed",
}
"""Where each product's class is, or a function without arguments that makes it. A new product is one line here."""
FEW: Final = tuple(name for name in PRODUCTS if name != "prosody-unflushed")
"""Those of the reduced benchmark."""


def product_named(name: str) -> Product:
    """The product of this name."""
    module, _, maker = PRODUCTS[name].partition(":")
    return cast("Callable[[], Product]", getattr(import_module(module), maker))()
