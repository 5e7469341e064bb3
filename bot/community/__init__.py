"""What a community sets, below the operator's ceilings, and what that means for a request."""
