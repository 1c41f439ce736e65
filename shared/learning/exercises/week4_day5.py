"""The exercises of week 4, day 5: what each asks, how its check knows the usual mistakes, two hints and a solution."""

from shared.learning.exercises import Exercise

EXERCISES: tuple[Exercise, ...] = ()
