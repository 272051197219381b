"""The heart of ./check: stages that run in order, what each found, and the closing line.

Reading order: main.py (the command), stages.py (what each stage does), results.py (how tests are counted).
"""
