"""One role as a process of its own, on backends that its fellows reach as well."""

from parley.domain.errors import ErrorCode, ParleyError
from parley.runtime.settings import load_settings


async def run_role(role: str) -> None:
    """Run the role until a signal. Refuses backends that live inside one process."""
    settings = load_settings()
    embedded = {
        name: url
        for name, url in (
            ("PARLEY_LOG_URL", settings.log_url),
            ("PARLEY_STORE_URL", settings.store_url),
            ("PARLEY_REGISTRY_URL", settings.registry_url),
        )
        if url.startswith(("sqlite:", "memory:"))
    }
    if embedded:
        named = ", ".join(f"{name}={url}" for name, url in embedded.items())
        text = (
            f"role {role} as a process of its own needs backends that other processes reach, but {named} lives inside "
            "one process. `parley dev` runs all roles on these"
        )
        raise ParleyError(ErrorCode.INVALID_FIELD, text, field=next(iter(embedded)))
