"""What pages show, as tables for files: ledgers, returns, lists, templates. Formats are written by metrics.workbooks.writing."""
