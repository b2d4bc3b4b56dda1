"""Parts of an installation that do not belong together."""


class Misfit(Exception):  # noqa: N818 - a state of the world that a person must judge
    """Going on could break a promise; the text says what was found, and the ways out. The process ends."""
