"""A short text that tells one content from another."""

import hashlib
import json


def digest(content: object, length: int = 16) -> str:
    """The beginning of the SHA-256 of the content as JSON with sorted keys; `length` in hexadecimal digits."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:length]
