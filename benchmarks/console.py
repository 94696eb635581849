"""Where the benchmarks tell what they do, in plain lines when nobody watches a terminal."""

import sys

from rich.console import Console

console = Console(highlight=False, width=None if sys.stdout.isatty() else 160)
