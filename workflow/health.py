"""Is everything there that the site needs? Words only: no addresses, names or versions."""

import os
from dataclasses import asdict, dataclass

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection

from workflow.queries import is_worker_alive

OK, FAILED = "ok", "failed"
PATIENCE = 2  # seconds


@dataclass(frozen=True)
class Health:
    """Each part's state, "ok" or "failed"."""

    database: str
    broker: str
    worker: str

    @property
    def is_well(self) -> bool:
        """Whether every part is ok."""
        return FAILED not in asdict(self).values()


def load_health() -> Health:
    """Ask database, broker and worker."""
    has_database = is_database_there()
    return Health(
        database=_word(has_database),
        broker=_word(is_broker_there()),
        worker=_word(has_database and is_worker_alive()),
    )


def _word(is_there: bool) -> str:
    return OK if is_there else FAILED


def is_database_there() -> bool:
    """Whether the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return cursor.fetchone() == (1,)
    except DatabaseError:
        return False


def is_broker_there() -> bool:
    """Whether the broker takes messages: Redis answers, or the embedded broker's folder can be written."""
    if not settings.REDIS_URL:
        return os.access(settings.BROKER_DIR, os.W_OK)
    limits = {"socket_connect_timeout": PATIENCE, "socket_timeout": PATIENCE}
    try:
        with current_app.connection_for_write(settings.REDIS_URL, transport_options=limits) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=PATIENCE)
            broker.default_channel.client.ping()
    except Exception:
        return False
    return True
