"""Spreadsheets in and out: the gate for files that people send, the reader behind it, tables that are written. No database."""
