"""The exercises of week 3, day by day."""

from shared.learning.exercises import week3_day1, week3_day2, week3_day3, week3_day4, week3_day5, week3_day6, week3_day7

DAYS = (week3_day1, week3_day2, week3_day3, week3_day4, week3_day5, week3_day6, week3_day7)
EXERCISES = tuple(exercise for day in DAYS for exercise in day.EXERCISES)
