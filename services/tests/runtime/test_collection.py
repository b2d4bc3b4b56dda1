"""A process that serves hardly ever stops to look for garbage."""

import gc

from parley.runtime.collection import collect_seldom


def test_what_is_there_at_the_start_is_never_looked_through_again() -> None:
    before = gc.get_threshold()
    try:
        collect_seldom()
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold()[0] > before[0]
        assert gc.isenabled()
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)
