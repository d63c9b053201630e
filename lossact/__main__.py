"""`python -m lossact` is the command `lossact`."""

from lossact.cli import main

main()
