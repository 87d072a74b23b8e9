"""`python -m deploy`."""

from deploy.cli import run

run()
