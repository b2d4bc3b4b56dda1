"""What images, Python and Go call the machine's processor."""

import platform
from typing import Final

KNOWN: Final = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64", "AMD64": "amd64"}


def of_this_machine() -> str:
    """The name that images and Go use: amd64 or arm64."""
    return KNOWN.get(platform.machine(), platform.machine())
