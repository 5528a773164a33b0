"""The site: settings, URLs, the web entry and the worker. SQLite is swapped before Django loads one."""

from config.sqlite import use_bundled_sqlite

use_bundled_sqlite()

from config.celery import app as celery_app  # noqa: E402  (celery's own `import sqlite3` must come after the swap)

__all__ = ["celery_app"]
