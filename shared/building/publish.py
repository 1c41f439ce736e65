"""The repository's address, stamped into set-up cells and Colab links: in sources, notebooks and the README.

A notebook in Colab cannot know where it came from, so the address has to stand in it. A fork stamps its own by one
command, `python3 course.py publish OWNER/NAME`. The template of the set-up cell is the record of what is stamped now.
"""

import os
import re
import subprocess
from pathlib import Path

from shared.building import CourseError
from shared.building.places import notebook_of, notebooks, sources

TEMPLATE = Path(__file__).with_name("setup_cell.txt")  # a text and no module, because importing it would run it
# what stands there before anybody published: no owner's name on GitHub has a dot, so this is no stranger's repository
NOBODY = "your.name/transformers-course"

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,38}[A-Za-z0-9])?/(?!\.{1,2}$)[\w.-]{1,100}", re.ASCII)
_COURSE = re.compile(r'^COURSE = "https://github\.com/([\w.-]+/[\w.-]+)"$', re.MULTILINE)


def publish(root: Path, repository: str | None = None) -> tuple[str, list[Path]]:
    """Stamp the repository's address into every file that carries one.

    repository: "owner/name"; left out, GITHUB_REPOSITORY or the `origin` remote is taken.
    Returns the address and the files that changed (none the second time).
    Errors: CourseError for a name that GitHub does not allow, or where no name can be found.
    """
    repository = check_name(repository) if repository else find_repository(root)
    template = root / TEMPLATE.relative_to(Path(__file__).parents[2])
    old = stamped(template)
    # the template comes last: as the record, it says that all others are done
    files = [root / "README.md", *sources(root), *notebooks(root), template]
    changed = []
    for path in files:
        if not path.is_file():
            continue
        before = path.read_bytes().decode("utf-8")
        after = restamp(before, old, repository)
        if after != before:
            path.write_bytes(after.encode("utf-8"))
            changed.append(path)
    return repository, changed


def stamped(template: Path = TEMPLATE) -> str:
    """The "owner/name" that is stamped now, as the template of the set-up cell records it."""
    return _COURSE.search(template.read_text(encoding="utf-8"))[1]


def restamp(text: str, old: str, new: str) -> str:
    """`text` with the address of repository `old` replaced by that of `new`, in links and in the set-up cell.

    Other words stay: a repository whose name only begins with the old one, or the name without github.com before it.
    """
    address = rf"(github\.com/|colab\.research\.google\.com/github/){re.escape(old)}(?![\w-])(?!\.(?!git\b)\w)"
    return re.sub(address, lambda found: found[1] + new, text)


def unstamped(text: str) -> str:
    """`text` as it was before anybody published."""
    return restamp(text, stamped(), NOBODY)


def check_name(repository: str) -> str:
    """The name, or CourseError where GitHub would not allow it."""
    if not _NAME.fullmatch(repository):
        raise CourseError(f'"{repository}" names no repository: give it as OWNER/NAME, like ada/my-course.')
    return repository


def find_repository(root: Path) -> str:
    """The repository's "owner/name" from GITHUB_REPOSITORY, else from the address of the `origin` remote."""
    from_environment = os.environ.get("GITHUB_REPOSITORY")
    if from_environment:
        return check_name(from_environment)
    how_else = "say which repository it is: python3 course.py publish OWNER/NAME."
    try:
        answer = subprocess.run(["git", "remote", "get-url", "origin"], cwd=root, capture_output=True, text=True)
    except FileNotFoundError:
        raise CourseError(f"git is not installed here; {how_else}") from None
    if answer.returncode:
        raise CourseError(f"This folder has no git remote named origin; {how_else}")
    address = answer.stdout.strip()
    found = re.fullmatch(r"(?:https?://|ssh://|git://)?(?:[^@/]+@)?[^/:]+(?::\d+)?[:/]/?(.+?/.+?)(?:\.git)?/?", address)
    if not found or not _NAME.fullmatch(found[1]):
        address = re.sub(r"(?<=//)[^@/]+@", "", address)  # a password or a token may stand there, and is nobody's business
        raise CourseError(f"The remote origin is {address!r}, which names no repository on GitHub; {how_else}")
    return found[1]


def colab_link(source: Path) -> str:
    """The address that opens a day's notebook in Colab. `source` is the day's text."""
    notebook = notebook_of(source)
    return f"https://colab.research.google.com/github/{stamped()}/blob/main/{notebook.parent.name}/{notebook.name}"
