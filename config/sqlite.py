"""Puts the SQLite of the pysqlite3 wheel in the place of Python's own.

SQLite 3.7.0 to 3.51.2 can corrupt a WAL database when two connections write and checkpoint at the same time
(the "WAL reset" race, fixed in 3.51.3). Web and worker are exactly that case, and Debian 12 ships 3.40.
"""

import sys

FIRST_SOUND_VERSION = (3, 51, 3)


def use_bundled_sqlite() -> None:
    """Make every later `import sqlite3` give pysqlite3. Raises RuntimeError when its SQLite is too old."""
    import pysqlite3
    from pysqlite3 import dbapi2

    if dbapi2.sqlite_version_info < FIRST_SOUND_VERSION:
        raise RuntimeError(f"SQLite {dbapi2.sqlite_version} can corrupt a WAL database: 3.51.3 or later is needed.")
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = dbapi2
