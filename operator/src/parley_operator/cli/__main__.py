"""`python -m parley_operator.cli` is `parley-operator`."""

from parley_operator.cli.main import main

main()
