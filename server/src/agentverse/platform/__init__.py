"""What every context stands on: settings, scope, database, HTTP, jobs, storage."""
