"""How often Python looks for garbage in cycles, in a process that serves.

Nearly everything a message leaves behind is freed by counting references. The collector would still go through the
young objects every 700 allocations, thus every few dozen messages, and from time to time through everything that was
ever imported. Both find nothing, while every message of that moment waits.
"""

import gc
from typing import Final

_YOUNG: Final = 20_000
"""Objects that may be made, beyond those that went again, before the young ones are looked through."""

_GENERATIONS: Final = (20, 50)
"""So many looks at one generation before the next older one is looked at as well."""


def collect_seldom() -> None:
    """Leave out what is there now, which stays for as long as the process, and look at the rest less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, *_GENERATIONS)
