"""Pictures that people give: with an order, beforehand, and under a name."""
