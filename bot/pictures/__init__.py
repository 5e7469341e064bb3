"""Pictures as bytes: taken apart, decoded in processes of their own, kept, linked and fetched."""
