"""The learner's side of the course: questions, predictions, exercises, the journal, and the record that keeps them.

Importing it loads neither torch nor matplotlib; forms and pictures load what they need when they are shown.
"""

from shared.learning.exercises import check_exercise, help_with
from shared.learning.glossary import new_words, word
from shared.learning.journals import journal
from shared.learning.places import keep_on_drive, portfolio
from shared.learning.predictions import guess, predict, reveal
from shared.learning.progress_map import progress
from shared.learning.quizzes import check, quiz, warm_up

__all__ = [
    "check",
    "check_exercise",
    "guess",
    "help_with",
    "journal",
    "keep_on_drive",
    "new_words",
    "portfolio",
    "predict",
    "progress",
    "quiz",
    "reveal",
    "warm_up",
    "word",
]
