"""Check before submitting and exporting: small functions, manuscript -> findings, run as one list. Reads only."""

from reports.checks import figures, lengths, repeats, sources, states, wording  # noqa: F401  each registers its checks
from reports.checks.findings import Finding, Fix, Level, run_checks

__all__ = ["Finding", "Fix", "Level", "run_checks"]
