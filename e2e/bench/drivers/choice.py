"""Finds the driver for a target; a process of the generator imports only the one that it needs."""

from collections.abc import Callable
from importlib import import_module
from typing import Final, cast

from e2e.bench.contract import Driver, Target

_DRIVERS: Final = {
    "parley": "e2e.bench.drivers.parley:ParleyDriver",
    "xmpp": "e2e.bench.drivers.xmpp:XmppDriver",
    "matrix": "e2e.bench.drivers.matrix:MatrixDriver",
    "centrifugo": "e2e.bench.drivers.centrifugo:CentrifugoDriver",
}


def driver_of(target: Target) -> Driver:
    """The driver, made for this target."""
    module, _, name = _DRIVERS[target.driver].partition(":")
    make = cast("Callable[[Target], Driver]", getattr(import_module(module), name))
    return make(target)
