"""The exercises of week 4, day by day."""

from shared.learning.exercises import week4_day1, week4_day2, week4_day3, week4_day4, week4_day5, week4_day6, week4_day7

DAYS = (week4_day1, week4_day2, week4_day3, week4_day4, week4_day5, week4_day6, week4_day7)
EXERCISES = tuple(exercise for day in DAYS for exercise in day.EXERCISES)
