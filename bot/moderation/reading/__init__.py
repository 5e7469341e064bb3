"""What a text says: disguises undone, misspelt words understood, listed words found."""
