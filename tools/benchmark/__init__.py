"""The heart of ./bench: boots benchmark programs under design D20's flags and prints their figures."""
