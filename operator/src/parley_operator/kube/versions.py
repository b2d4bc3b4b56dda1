"""Versions of objects, as the API server numbers them."""


def newer(version: str, known: str) -> bool:
    """Versions of one kind of object are numbers that grow; what is no number counts as newer."""
    if version.isdigit() and known.isdigit():
        return int(version) > int(known)
    return version != known
