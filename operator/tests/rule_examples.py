"""The table of examples: one for each rule of the ChatCluster's definition."""

from typing import Final

from rule_example import Example
from rule_examples_backends import BACKENDS
from rule_examples_components import COMPONENTS
from rule_examples_platform import PLATFORM

EXAMPLES: Final[tuple[Example, ...]] = (*PLATFORM, *BACKENDS, *COMPONENTS)
