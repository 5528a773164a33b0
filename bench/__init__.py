"""What is measured, against what, and the last results. Every number that matters is a ratio inside one run."""
