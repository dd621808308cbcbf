"""`python -m admin.cli` is the command `tradewind`."""

from admin.cli import main

main()
