"""The words of sixteen languages more, also in disguise."""
