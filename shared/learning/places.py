"""Where things lie: the course itself, and the learner's own folder with the record and the portfolio."""

import importlib
import os
from pathlib import Path

COURSE_ROOT = Path(__file__).resolve().parents[2]
DRIVE = Path("/content/drive")  # where Colab shows a learner's Google Drive once it is mounted
ON_DRIVE = Path("MyDrive") / "transformers_course"


def own_folder() -> Path:
    """The learner's own folder; it may not exist yet.

    COURSE_FOLDER in the environment comes first, then the folder on Google Drive if `keep_on_drive` made one and Drive
    is mounted, then `my_course` beside the course.
    """
    if chosen := os.environ.get("COURSE_FOLDER"):
        return Path(chosen).expanduser()
    if (on_drive := DRIVE / ON_DRIVE).is_dir():
        return on_drive
    return COURSE_ROOT / "my_course"


def portfolio() -> Path:
    """The folder for what a day leaves you with, made when first asked for: `portfolio() / "w1d4_shapes.png"`."""
    folder = own_folder() / "portfolio"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that a crash leaves the old one or the new one, never a half."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    # half of a surrogate pair, which a browser can send, has no UTF-8 form
    part.write_bytes(content.encode("utf-8", "replace") if isinstance(content, str) else content)
    os.replace(part, path)


def keep_on_drive() -> None:
    """In Colab: keep record and portfolio on Google Drive, where they outlive the session. Elsewhere nothing is needed.

    Call it at the top of a notebook. What was already written in this session moves along; what lies on Drive from
    earlier days stays. Never raises: a refused or failed mount is said in one sentence.
    """
    from shared.learning import record

    try:
        drive = importlib.import_module("google.colab.drive")
    except ImportError:
        print("This is not Colab: your record and portfolio stay in the folder my_course, on this machine.")
        return
    here = own_folder()
    try:
        drive.mount(str(DRIVE))
        there = DRIVE / ON_DRIVE
        there.mkdir(parents=True, exist_ok=True)
    except Exception as error:  # Colab raises its own kinds for a closed consent window, a full Drive, …
        print(f"Google Drive could not be used ({error}): your record stays in this session, and goes when it ends.")
        return
    os.environ["COURSE_FOLDER"] = str(there)
    try:
        if here != there and here.is_dir():
            _carry_over(here, there)
    except OSError as error:
        print(f"Not all of this session's files could be copied to Google Drive ({error}).")
    print("Your record and portfolio are kept on your Google Drive, in transformers_course.")
    if notice := record.take_notice():
        print(notice)


def _carry_over(here: Path, there: Path) -> None:
    """Copy what is only in `here` into `there`; nothing in `there` is overwritten."""
    import shutil

    from shared.learning import record

    record.bring_in(here / record.FILE_NAME)
    for file in (here / "portfolio").glob("*"):
        target = there / "portfolio" / file.name
        if file.is_file() and not target.exists():
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(file, target)
