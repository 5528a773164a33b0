"""Pages of the engine: health, jobs, and the administration of accounts and units."""
