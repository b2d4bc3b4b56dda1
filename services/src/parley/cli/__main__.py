"""`python -m parley.cli` is the command `parley`, for where scripts are not on the PATH."""

from parley.cli.main import main

main()
