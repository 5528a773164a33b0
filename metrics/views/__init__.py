"""Views of the monthly figures: lists, the entry grid, deeds, comments, rounds, named items, queue and board."""
