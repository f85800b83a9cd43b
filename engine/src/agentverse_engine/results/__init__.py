"""What a run recorded, and what is read from it: shares, intervals, ledgers, tables, plots."""
