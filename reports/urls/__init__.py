"""Addresses of the reports app: the workbench at the root, and the annual reports."""
