"""What leaves this machine goes to addresses that were checked."""
