"""The only code that knows every context: API, worker, command line, tables."""
