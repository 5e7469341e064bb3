"""For a surface that draws its messages itself: what stands in a community, streamed, behind an entrance."""
