"""What ends with the whole run."""

from tests.engines import end_engines


def pytest_sessionfinish() -> None:
    end_engines()
