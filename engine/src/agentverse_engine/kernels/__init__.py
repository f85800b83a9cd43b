"""A pack's rules made into one compiled kernel."""
