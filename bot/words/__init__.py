"""Everything Easel says."""
