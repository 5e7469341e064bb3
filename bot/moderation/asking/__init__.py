"""What a text asks for: without what is to be avoided, is said of things, or is shown to teach; and how old those are whom it speaks of."""
