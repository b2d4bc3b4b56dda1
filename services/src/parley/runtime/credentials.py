"""A user's name and password, from settings or from files that somebody may replace at any time."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Credentials:
    """The password file wins over the password; it is read again for every new connection."""

    user: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None

    def current(self) -> tuple[str | None, str | None]:
        """User and password as they are now; (None, None) without a user and a password.

        A file that cannot be read at this moment, as while it is replaced, leaves what the settings say.
        """
        password = self.password.get_secret_value() if self.password is not None else None
        if self.password_file is not None:
            try:
                password = self.password_file.read_text().strip()
            except (OSError, ValueError):
                return self.user, password
        return self.user, password
