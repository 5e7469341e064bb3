"""What messages shall say, without a platform in it."""
