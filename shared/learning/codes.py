"""The short names of the course: "w1d4" for a day, "w1d4-02" for a question, "w1d4-e1" for an exercise."""

import re

from shared.days import find_day


def day_number(code: str) -> int:
    """ "w1d1" → 0 … "w4d7" → 27. Errors: ValueError for anything that names no day of the course."""
    match = re.fullmatch(r"w(\d)d(\d)", code) if isinstance(code, str) else None
    if match is None:
        raise ValueError(f'a day is written like "w1d4", for week 1 day 4; got {code!r}')
    day = find_day(int(match[1]), int(match[2]))
    return (day.week - 1) * 7 + day.day - 1


def day_code(number: int) -> str:
    """0 → "w1d1" … 27 → "w4d7"."""
    return f"w{number // 7 + 1}d{number % 7 + 1}"


def day_words(code: str) -> str:
    """ "w1d4" → "week 1 day 4". Errors: as `day_number`."""
    number = day_number(code)
    return f"week {number // 7 + 1} day {number % 7 + 1}"


def day_of(item: str) -> str:
    """The day that an item belongs to: "w1d4-02" → "w1d4"."""
    return item.split("-", 1)[0]
