"""The course's helper package: the mathematics, the pictures and the learner's own record.

Importing it loads nothing; each room (`shared.attention`, `shared.visuals`, `shared.learning`, …) loads when it is asked for.
"""
