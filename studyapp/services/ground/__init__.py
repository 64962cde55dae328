"""What everything stands on: the study row, its workspace, the ledger and its second record."""
