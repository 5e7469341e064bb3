"""The core of Easel: it knows no chat platform, no provider and no wire format."""

__version__ = "0.9.0"
