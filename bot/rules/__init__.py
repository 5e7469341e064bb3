"""What a community may set, and the operator's floors under it: values."""
