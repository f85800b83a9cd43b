"""Event scripts folded into one effect table per tick and group of personas."""
