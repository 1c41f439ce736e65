"""The learning rate over a run: up quickly, level, and down to the end."""

import math

from shared.training.config import TrainingConfig


def rate(step: int, config: TrainingConfig) -> float:
    """The share of the highest learning rate that step number `step` (from 0) uses: between 0 and 1.

    It rises in equal parts over the first `warmup` steps (1/warmup, 2/warmup … 1), stays, and falls over the last `decay` of all
    steps, in a line or along half a cosine, so that it would reach `final` one step after the last.
    Errors: ValueError for a step outside the run. Source: the level-then-linear form of Hägele et al. 2024
    (https://arxiv.org/abs/2405.18392); the cosine of Loshchilov and Hutter 2016 (https://arxiv.org/abs/1608.03983).
    Built in week 4 day 4.
    """
    if not 0 <= step < config.steps:
        raise ValueError(f"step must lie between 0 and {config.steps - 1}, got {step}")
    if step < config.warmup:
        return (step + 1) / config.warmup
    # a decay longer than what warm-up leaves begins where warm-up ends
    begin = max(config.warmup, config.steps - round(config.decay * config.steps))
    if step < begin:
        return 1.0
    done = (step - begin) / (config.steps - begin)
    left = 1 - done if config.decay_shape == "linear" else (1 + math.cos(math.pi * done)) / 2
    return config.final + (1 - config.final) * left
