"""gunicorn: 2 processes of 4 threads fit a 2-core machine; WEB_WORKERS and WEB_THREADS change that."""

import os

bind = os.environ.get("WEB_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = int(os.environ.get("WEB_THREADS", "4"))
worker_class = "gthread"
timeout = 60
graceful_timeout = 10
keepalive = 5
# Recycled against slow leaks, at different moments so that never all processes start anew together.
max_requests = 5000
max_requests_jitter = 500
# No access log here: paths hold unit codes, and the front proxy keeps its own log.
accesslog = None
errorlog = "-"
loglevel = "warning"
# Heartbeat files in memory: on a busy disk gunicorn would otherwise take a waiting worker for a dead one.
worker_tmp_dir = next((folder for folder in ["/dev/shm"] if os.access(folder, os.W_OK)), None)  # noqa: S108
control_socket_disable = True
