"""What can be configured, where it stands, how it is read, and how much room there is where it says."""
