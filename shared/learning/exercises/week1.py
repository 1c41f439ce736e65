"""The exercises of week 1, day by day."""

from shared.learning.exercises import week1_day1, week1_day2, week1_day3, week1_day4, week1_day5, week1_day6, week1_day7

DAYS = (week1_day1, week1_day2, week1_day3, week1_day4, week1_day5, week1_day6, week1_day7)
EXERCISES = tuple(exercise for day in DAYS for exercise in day.EXERCISES)
