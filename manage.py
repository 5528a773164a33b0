#!/usr/bin/env python3
"""Django's command line. `import config` swaps SQLite before Django loads it."""

import os
import sys

import config  # noqa: F401


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
