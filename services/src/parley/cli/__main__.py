"""`python -m parley.cli` is the command `parley`, for where scripts are not on the PATH."""

from parley.cli.entry import main

main()
