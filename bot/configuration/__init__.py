"""What can be configured, where it stands, and how it is read."""
