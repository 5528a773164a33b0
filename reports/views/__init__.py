"""Pages of the annual reports, and the workbench, which looks over everything."""
