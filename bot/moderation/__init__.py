"""What words and pictures show that may not be drawn: disguises undone, and the one judge."""
