"""Training: one loop for every model of the course, from a laptop's CPU to several machines. Read `loop.py` first.

    data.py        a batch: random windows of a text in memory or on the disk; the character tokenizer
    tales.py       the same for tiny tales, short rows first
    config.py      the recipe of a run          schedule.py    the learning rate over a run
    optimizers.py  which weight learns how      loop.py        the loop itself, and the loss over a whole text
    run.py         what a run hands back        checkpoint.py  files that a crash cannot spoil
    stopping.py    interrupts                   team.py        several processes as one
    live.py        a line in a terminal         picture.py     the live picture in a notebook
    __main__.py    the same from a terminal: python -m shared.training --help
"""

from shared.training.checkpoint import CheckpointError
from shared.training.config import TrainingConfig
from shared.training.data import Characters, Windows, save_ids
from shared.training.live import Line, Show
from shared.training.loop import choose_device, evaluate, one_step, train
from shared.training.run import TrainingRun, load_weights
from shared.training.schedule import rate
from shared.training.team import join_team, leave_team
