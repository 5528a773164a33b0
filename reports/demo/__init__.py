"""The demo district: one fictional district with two years of returns, for a first look, for tests and for measuring."""
