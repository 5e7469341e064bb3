"""From typed words to an order that is exact for one model. Pure."""
