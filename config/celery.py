"""The worker: how jobs are carried, limited and picked up again. What a job does lives in the apps.

The Job row is the truth and the broker only a doorbell. So the worker's main process also runs a sweeper thread
that rings again for every job whose message was lost or whose worker died, and writes the heartbeat of /healthz.
"""

import logging
import os
import threading
from datetime import date

from celery import Celery
from celery.signals import worker_process_init, worker_ready, worker_shutting_down

SWEEP_SECONDS = 3

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
log = logging.getLogger("township.worker")
stopping = threading.Event()
# Held during a sweep and at every fork: a child must not inherit a database connection in mid-work.
fork_lock = threading.RLock()
os.register_at_fork(before=fork_lock.acquire, after_in_parent=fork_lock.release, after_in_child=fork_lock.release)

app = Celery("township")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    accept_content=["json"],
    task_serializer="json",
    task_ignore_result=True,
    task_default_queue="default",
    # A task is acknowledged when it is done, and goes back to the queue when its process is killed.
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,
    task_soft_time_limit=90,
    task_time_limit=120,
    # Warm processes render twice as fast as cold ones (fonts and stylesheets stay parsed) and their memory is
    # flat over hundreds of renders, so recycling is rare; the memory limit, in kB, catches the exception.
    worker_max_tasks_per_child=200,
    worker_max_memory_per_child=600_000,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
)
app.autodiscover_tasks()


@app.on_after_configure.connect
def make_broker_folders(sender, **_) -> None:
    """Create the folders of the embedded broker, which kombu expects to exist. Redis has none."""
    options = sender.conf.broker_transport_options
    for key in ("data_folder_in", "data_folder_out", "control_folder"):
        if key in options:
            os.makedirs(options[key], exist_ok=True)


@worker_process_init.connect
def limit_child_memory(**_) -> None:
    """Bound the memory of a pool process: it prints reports."""
    from reports.render.pdf import limit_process

    limit_process()


@worker_ready.connect
def start_sweeper(**_) -> None:
    """Start sweeping in the worker's main process."""
    stopping.clear()
    threading.Thread(target=_sweep_until_stopped, name="job-sweeper", daemon=True).start()


@worker_shutting_down.connect
def stop_sweeper(**_) -> None:
    """Let the sweeper end before the database goes away."""
    stopping.set()


def _sweep_until_stopped() -> None:
    opened_on = None
    while not stopping.is_set():
        with fork_lock:
            opened_on = _sweep_once(opened_on)
        stopping.wait(SWEEP_SECONDS)


def _sweep_once(opened_on: date | None) -> date | None:
    """Beat, ring for forgotten jobs, and once a day open the month's returns and prune; returns the day that was done."""
    from django.db import connections
    from django.utils import timezone

    from metrics.services import open_returns, prune, settle_gone_entries
    from workflow import jobs

    today = timezone.localdate()
    try:
        jobs.beat()
        jobs.sweep()
        if opened_on != today:
            open_returns(today=today)
            prune(now=timezone.now())
            settle_gone_entries(now=timezone.now())
        return today
    except Exception:
        log.exception("The job sweeper failed and will try again in %s s.", SWEEP_SECONDS)
        return opened_on
    finally:
        connections.close_all()
