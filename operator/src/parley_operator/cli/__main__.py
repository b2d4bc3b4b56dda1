"""`python -m parley_operator.cli` is `parley-operator`."""

from parley_operator.cli.entry import main

main()
