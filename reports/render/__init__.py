"""ReportDocument -> bytes, one module a format. Nothing here reads the database or knows HTTP."""
