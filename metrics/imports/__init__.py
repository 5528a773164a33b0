"""Files on their way into a ledger or a return: heads matched, rows judged. Writes stand in metrics.services.imports."""
