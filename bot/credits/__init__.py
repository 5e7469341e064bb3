"""Ways to get credits besides an allowance."""
