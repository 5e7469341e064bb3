"""What any one process takes care of, whatever it does: its tasks and doors, its logs and files."""
