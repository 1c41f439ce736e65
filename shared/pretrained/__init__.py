"""Trained models for the lessons: `tokenizer, model = load("bert")`, the famous one where it can be had, else the course's own.

Importing this room loads nothing heavy; `transformers` is imported when the first model is asked for.
"""

from shared.pretrained.loading import load, shipped_folder

__all__ = ["load", "shipped_folder"]
