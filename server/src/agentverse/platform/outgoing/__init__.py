"""What leaves this machine: to addresses that were checked, and mail to the server that is set."""
