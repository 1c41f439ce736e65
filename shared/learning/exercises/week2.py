"""The exercises of week 2, day by day."""

from shared.learning.exercises import week2_day1, week2_day2, week2_day3, week2_day4, week2_day5, week2_day6, week2_day7

DAYS = (week2_day1, week2_day2, week2_day3, week2_day4, week2_day5, week2_day6, week2_day7)
EXERCISES = tuple(exercise for day in DAYS for exercise in day.EXERCISES)
