"""Reading and writing a tokenizer's files. What is missing, cut off or altered gives one error that names the file."""

import json
from os.path import isdir, isfile
from pathlib import Path
from typing import Any


def read_text(path: Path) -> str:
    """The text of a file. Errors: FileNotFoundError that names what lies there instead, ValueError for broken UTF-8."""
    if not isfile(path):  # unlike Path.is_file, never an error for a name too long for this machine
        beside = sorted(p.name for p in path.parent.iterdir()) if isdir(path.parent) else None
        found = "the folder does not exist" if beside is None else f"the folder holds {', '.join(beside) or 'nothing'}"
        raise FileNotFoundError(f"no {path.name} in {path.parent}: {found}")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ValueError(f"{path} is damaged: byte {error.start} is not UTF-8") from None


def read_lines(path: Path) -> list[str]:
    """The lines of a file, without their ends; only "\\n" and "\\r\\n" end a line. Errors: those of `read_text`."""
    lines = read_text(path).split("\n")
    # the last line ends with "\n" too, in files that are complete; without it the last line may have been cut
    if lines.pop() != "":
        raise ValueError(f"{path} is cut off: its last line has no end")
    return lines


def read_json(path: Path) -> dict[str, Any]:
    """The object that a JSON file holds. Errors: those of `read_text`, ValueError where it is no JSON object."""
    try:
        value = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is cut off or damaged: {error}") from None
    if not isinstance(value, dict):
        raise ValueError(f"{path} must hold a JSON object, got {type(value).__name__}")
    return value


def write_json(path: Path, value: dict[str, Any], indent: int | None = 2) -> None:
    """Write an object as readable JSON in UTF-8."""
    path.write_text(json.dumps(value, ensure_ascii=False, indent=indent) + "\n", encoding="utf-8", newline="\n")


def part(path: Path, whole: dict[str, Any], *keys: str, kind: type = dict) -> Any:
    """What lies under `keys` in a file's object. Errors: ValueError with file and key: not there, or of another type."""
    value: Any = whole
    for i, key in enumerate(keys):
        if not isinstance(value, dict) or key not in value:
            raise ValueError(f"{path} has no {'.'.join(keys[: i + 1])!r}")
        value = value[key]
    if not isinstance(value, kind):
        raise ValueError(f"{path}: {'.'.join(keys)!r} must be of type {kind.__name__}, got {type(value).__name__}")
    return value


def check_settings(path: Path, settings: dict[str, Any], wanted: dict[str, tuple]) -> None:
    """Refuse a file that asks for something which this course's tokenizers do not do.

    settings: what the file says; wanted: for each name the values that are understood. A name that is not there is fine.
    Errors: ValueError with the file, the name and the value.
    """
    for name, values in wanted.items():
        if name in settings and settings[name] not in values:
            understood = " or ".join(map(repr, values))
            raise ValueError(f"{path} asks for {name} = {settings[name]!r}; only {understood} is understood here")


def check_numbers(path: Path, vocabulary: dict[str, int]) -> None:
    """Ids must be 0, 1, 2, … with none missing and none used twice. Errors: ValueError with the first fault."""
    owner: dict[int, str] = {}
    for token, number in vocabulary.items():
        if isinstance(number, bool) or not isinstance(number, int) or number < 0:
            raise ValueError(f"{path}: the id of {token!r} must be a whole number from 0 on, got {number!r}")
        if number in owner:
            raise ValueError(f"{path}: {owner[number]!r} and {token!r} both have the id {number}")
        owner[number] = token
    missing = next((i for i in range(len(owner)) if i not in owner), None)
    if missing is not None:
        raise ValueError(f"{path}: no token has the id {missing}, though ids run up to {max(owner)}")


def check_id(number: object, place: int, size: int) -> int:
    """One id to decode. Errors: TypeError for something else than a whole number, ValueError for an unknown id."""
    try:
        if isinstance(number, bool):
            raise TypeError
        index = number.__index__()
    except (AttributeError, TypeError):
        raise TypeError(f"ids must be whole numbers, got {number!r} at place {place}") from None
    if not 0 <= index < size:
        raise ValueError(f"ids must be 0 … {size - 1}, got {index} at place {place}")
    return index


def check_text(name: str, text: object) -> str:
    """A text to tokenize. Errors: TypeError for something else than a string, ValueError for a lone surrogate."""
    if not isinstance(text, str):
        raise TypeError(f"{name} must be a string, got {type(text).__name__}")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        found = f"U+{ord(text[error.start]):04X} at place {error.start}"
        why = f"{found} is a lone surrogate, which no UTF-8 text can hold"
        raise ValueError(f"{name} holds half a character: {why}") from None
    return text


def check_texts(texts: object) -> None:
    """Texts to learn from. Errors: TypeError for one string, whose items would be letters, or what has no items."""
    if isinstance(texts, str) or not hasattr(texts, "__iter__"):
        raise TypeError(f"texts must be an iterable of strings, such as a list, got {type(texts).__name__}")


def added_tokens(special: dict[str, int]) -> list[dict[str, Any]]:
    """Special tokens as tokenizer.json lists them: found in raw text, exactly as they are written."""
    exactly = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    return [{"id": number, "content": token} | exactly for token, number in special.items()]


def read_added_tokens(path: Path, whole: dict[str, Any]) -> dict[str, int]:
    """The special tokens of a tokenizer.json and their ids. Errors: ValueError for tokens that take blanks around them."""
    special = {}
    for entry in part(path, whole, "added_tokens", kind=list) if "added_tokens" in whole else []:
        token, number = part(path, entry, "content", kind=str), part(path, entry, "id", kind=int)
        check_settings(path, entry, {"single_word": (False,), "lstrip": (False,), "rstrip": (False,)})
        if not token or token in special:
            raise ValueError(f"{path}: special token {token!r} is empty or comes twice")
        special[token] = number
    return special


def length_setting(model_max_length: int | None) -> dict[str, int]:
    """The entry of tokenizer_config.json for a model's context. Errors: ValueError for a length below 1."""
    if model_max_length is None:
        return {}
    if isinstance(model_max_length, bool) or not isinstance(model_max_length, int) or model_max_length < 1:
        raise ValueError(f"model_max_length must be a whole number from 1 on, or None, got {model_max_length!r}")
    return {"model_max_length": model_max_length}
