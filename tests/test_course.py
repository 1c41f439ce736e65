"""course.py: the set-up of .venv with everything that can go wrong, JupyterLab, the test command, and publishing."""

import ast
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
import time
import urllib.error
import urllib.request
from importlib.metadata import distribution, version
from pathlib import Path

import nbformat
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from shared.building import ROOT, CourseError, checks, commands, environment, lab, places
from shared.building import publish as publishing
from shared.building.environment import MARK, UNFINISHED, fingerprint, python_in, set_up

COURSE = ROOT / "course.py"


def course(*arguments: str, python: str = sys.executable, **options) -> subprocess.CompletedProcess:
    return subprocess.run([python, str(COURSE), *arguments], capture_output=True, text=True, timeout=60, **options)


# --- the command line -------------------------------------------------------------------------------------------------


def test_without_a_command_it_says_what_it_can_do():
    done = course()
    assert done.returncode == 0 and done.stderr == ""
    for command in ("open [WEEK DAY]", "test [PATH", "build [PATH", "publish [OWNER/NAME]"):
        assert f"course.py {command}" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["open", "1"], "Say the day, too"),
        (["open", "5", "1"], "invalid choice: 5"),
        (["open", "1", "8"], "invalid choice: 8"),
        (["open", "one", "1"], "invalid int value: 'one'"),
        (["test", "no/such/test.py"], "There is no no/such/test.py."),
        (["publish", "no-slash"], '"no-slash" names no repository'),
        (["dance"], "invalid choice: 'dance'"),
    ],
)
def test_a_wrong_command_line_is_answered_by_words(arguments, says):
    done = course(*arguments)
    assert done.returncode and says in done.stderr and "Traceback" not in done.stderr


def test_a_day_that_is_not_there_lists_those_that_are(tmp_path):
    with pytest.raises(CourseError, match="no notebook for week 2 day 3; the days there are: none yet"):
        places.find_notebook(tmp_path, 2, 3)
    for name in ("week1/day4_a.ipynb", "week1/day5_b.ipynb"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(CourseError, match="the days there are: week 1 day 4, week 1 day 5"):
        places.find_notebook(tmp_path, 2, 3)
    assert places.find_notebook(tmp_path, 1, 5) == tmp_path / "week1/day5_b.ipynb"


def test_open_without_a_day_takes_the_first_there_is(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(commands, "ROOT", tmp_path)
    with pytest.raises(CourseError, match="no notebook for week 1 day 1"):
        commands._first_notebook()
    (tmp_path / "week1").mkdir()
    (tmp_path / "week1/day4_a.ipynb").touch()
    assert commands._first_notebook().name == "day4_a.ipynb"
    assert capsys.readouterr().out == "Week 1 day 1 is not there yet; opening the first day that is: week 1 day 4.\n"
    (tmp_path / "week1/day1_a.ipynb").touch()
    assert commands._first_notebook().name == "day1_a.ipynb" and capsys.readouterr().out == ""


def test_importing_the_package_and_the_commands_loads_nothing_that_set_up_installs():
    code = "import sys, shared, shared.building.commands; print([m for m in sys.modules if m in %r])"
    heavy = [
        "torch",
        "numpy",
        "matplotlib",
        "nbformat",
        "jupytext",
        "psutil",
        "IPython",
        "shared.attention",
        "shared.visuals",
    ]
    done = subprocess.run([sys.executable, "-c", code % heavy], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- the Python that runs it ------------------------------------------------------------------------------------------


def other_pythons() -> list[str]:
    """Interpreters on this machine that the course does not run on."""
    found = [shutil.which(f"python{number}") for number in ("2.7", "3.6", "3.7", "3.8", "3.9", "3.10", "3.14", "3.15")]
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    found += map(str, pyenv.glob("versions/*/bin/python"))
    fits = "import sys; sys.exit((3, 11) <= sys.version_info[:2] <= (3, 13))"  # 0 for those that do not fit
    return [path for path in found if path and subprocess.run([path, "-c", fits], capture_output=True).returncode == 0]


def test_another_python_is_told_which_ones_will_do():
    pythons = other_pythons()
    if not pythons:
        pytest.skip("this machine has no Python below 3.11 or above 3.13 to try")
    for python in pythons:
        done = course("open", python=python)
        assert done.returncode == 1 and done.stdout == ""
        assert re.fullmatch(
            r"The course needs Python 3\.11, 3\.12 or 3\.13, and this is Python \d\.\d+\. Get one .*\n", done.stderr
        )


@pytest.mark.parametrize("number", [(3, 6), (3, 10), (3, 14)])
def test_the_version_is_looked_at_before_anything_else(number):
    code = f"import runpy, sys; sys.version_info = {(*number, 0, 'final', 0)}; runpy.run_path({str(COURSE)!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.startswith("The course needs Python") and done.stderr.count("\n") == 1
    assert f"this is Python {number[0]}.{number[1]}." in done.stderr


def test_an_old_python_can_read_the_entry():
    ast.parse(COURSE.read_text(encoding="utf-8"), feature_version=(3, 6))
    COURSE.read_bytes().decode("ascii")  # Python 2 would stop at the first other letter


# --- setting up: a real virtual environment with a pip that only pretends ---------------------------------------------

FAKE_PIP = """
import os, sys, time
log, plan = os.environ["FAKE_PIP_LOG"], os.environ.get("FAKE_PIP", "")
with open(log, "a") as file:
    file.write(" ".join(sys.argv[1:]) + "\\n")
time.sleep(float(os.environ.get("FAKE_PIP_SECONDS", "0")))
if plan and "--no-deps" not in sys.argv:
    sys.stderr.write(plan + "\\n")
    sys.exit(1)
"""


class Setting:
    """A course folder with only what set-up reads in it, and a record of what was said and what pip was asked."""

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch):
        self.root, self.said = root, []
        self.folder = root / ".venv"
        self.log = root / "pip.log"
        root.mkdir()
        (root / "requirements.txt").write_text("torch>=2\n")
        (root / "constraints.txt").write_text("torch==2.5.1\n")
        monkeypatch.setenv("FAKE_PIP_LOG", str(self.log))
        real = subprocess.run

        def run(command, **options):
            if command[1:3] != ["-m", "venv"]:
                return real(command, **options)
            done = real([*command, "--without-pip"], **options)
            packages = next(Path(command[3]).glob("lib/python*/site-packages"), Path(command[3]) / "Lib/site-packages")
            (packages / "pip.py").write_text(FAKE_PIP)
            for name in ("torch", "transformers", "jupyterlab", "matplotlib/__init__", "matplotlib/font_manager"):
                (packages / name).parent.mkdir(exist_ok=True)
                (packages / f"{name}.py").touch()
            return done

        monkeypatch.setattr(environment.subprocess, "run", run)

    def set_up(self) -> str:
        """What was said on the way."""
        self.said = []
        assert set_up(self.root, self.said.append) == python_in(self.folder)
        return "\n".join(self.said)

    def fails(self) -> str:
        """The sentence that it ended in."""
        with pytest.raises(CourseError) as problem:
            self.set_up()
        assert "\n" not in str(problem.value)
        return str(problem.value)

    @property
    def asked(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    @property
    def mark(self) -> str:
        return (self.folder / MARK).read_text().strip()


@pytest.fixture
def setting(tmp_path, monkeypatch):
    return Setting(tmp_path / "a course", monkeypatch)  # with a space in its path


def test_the_first_call_makes_it_and_the_second_finds_it(setting):
    said = setting.set_up()
    assert said.startswith("Setting up the course in") and said.endswith("The course is set up.")
    assert setting.mark == f"{fingerprint(setting.root)} {sys.version_info[0]}.{sys.version_info[1]}"
    requirements, constraints = setting.root / "requirements.txt", setting.root / "constraints.txt"
    assert setting.asked[-1].endswith(f"--requirement {requirements} --constraint {constraints}")
    before = setting.asked
    assert setting.set_up() == "" and setting.asked == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has two kinds of torch")
def test_linux_without_a_gpu_is_spared_the_libraries_for_one(setting, monkeypatch):
    monkeypatch.setattr(environment, "_has_nvidia", lambda: False)
    setting.set_up()
    small, everything = setting.asked
    assert "--no-deps --retries 0 --timeout 15 --index-url https://download.pytorch.org/whl/cpu torch==2.5.1" in small
    assert "--index-url" not in everything


def test_linux_with_a_gpu_gets_the_usual_torch(setting, monkeypatch):
    monkeypatch.setattr(environment, "_has_nvidia", lambda: True)
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 0, 10**12))
    setting.set_up()
    assert len(setting.asked) == 1


def test_where_the_small_torch_cannot_be_had_the_usual_one_is_taken(setting, monkeypatch):
    monkeypatch.setattr(environment, "_has_nvidia", lambda: False)
    real = environment._pip
    monkeypatch.setattr(
        environment, "_pip", lambda folder, *rest: "no way" if "--no-deps" in rest else real(folder, *rest)
    )
    assert setting.set_up().endswith("The course is set up.")


@pytest.mark.parametrize("name", ["requirements.txt", "constraints.txt"])
def test_changed_wishes_are_installed_into_what_is_there(setting, name):
    setting.set_up()
    (setting.folder / "keep.txt").touch()
    (setting.root / name).write_text("torch==2.5.1\n# changed\n")
    assert setting.set_up().startswith(f"Bringing {setting.folder} up to date.")
    assert (setting.folder / "keep.txt").exists() and setting.set_up() == ""


def test_an_environment_that_somebody_else_made_is_filled(setting):
    setting.set_up()
    (setting.folder / MARK).unlink()
    assert setting.set_up().startswith("Bringing") and setting.set_up() == ""


def test_an_interrupted_set_up_is_made_anew(setting, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as now:
        now.setattr(environment, "_install", interrupt)
        with pytest.raises(KeyboardInterrupt):
            setting.set_up()
    assert setting.mark == UNFINISHED
    (setting.folder / "half a package").touch()
    assert setting.set_up().startswith("An earlier set-up did not come to its end; making")
    assert not (setting.folder / "half a package").exists() and setting.set_up() == ""


def test_an_interrupted_update_is_made_anew(setting, monkeypatch):
    setting.set_up()
    (setting.root / "requirements.txt").write_text("torch>=2.1\n")
    with monkeypatch.context() as now:
        now.setenv("FAKE_PIP", "ERROR: Could not install packages due to an OSError: [Errno 5] Input/output error")
        assert setting.fails().startswith("The set-up stopped: ERROR: Could not install packages")
    assert setting.mark == UNFINISHED
    assert "making" in setting.set_up()


@pytest.mark.parametrize("break_it", [
    lambda python: python.unlink(),
    lambda python: (python.unlink(), python.symlink_to("/no/such/python")),
    lambda python: (python.unlink(), python.write_text("not a program")),
])  # fmt: skip
def test_an_environment_whose_python_is_gone_is_made_anew(setting, break_it):
    setting.set_up()
    break_it(python_in(setting.folder))
    assert "is broken: its Python does not start or does not fit; making it anew" in setting.set_up()
    assert setting.set_up() == ""


def test_an_environment_without_pip_is_made_anew(setting):
    setting.set_up()
    next(setting.folder.rglob("pip.py")).unlink()
    (setting.folder / MARK).unlink()
    assert "is broken" in setting.set_up()


def test_an_empty_folder_is_filled(setting):
    setting.folder.mkdir()
    setting.set_up()
    assert setting.set_up() == ""


@pytest.mark.parametrize("what", ["file", "folder with something else", "link"])
def test_what_is_no_environment_is_not_deleted(setting, what, tmp_path):
    if what == "file":
        setting.folder.write_text("mine")
    elif what == "link":
        (tmp_path / "elsewhere").mkdir()
        setting.folder.symlink_to(tmp_path / "elsewhere")
    else:
        setting.folder.mkdir()
        (setting.folder / "thesis.txt").write_text("mine")
    assert "is in the way and is no Python environment: move it elsewhere" in setting.fails()
    assert os.path.lexists(setting.folder)


PIP_SAYS = {
    "WARNING: Retrying (Retry(total=4)) after connection broken by 'NewConnectionError': /simple/torch/\n"
    "ERROR: Could not find a version that satisfies the requirement torch\n"
    "ERROR: No matching distribution found for torch": "The packages could not be fetched: check the network",
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device": "The disk is full",
    "ERROR: OSError: [WinError 112] There is not enough space on the disk": "The disk is full",
    "ERROR: No matching distribution found for torch==2.5.1": "There is no torch==2.5.1 for this computer",
    "ERROR: OSError: [Errno 30] Read-only file system: 'x'": "cannot be written to",
    "Traceback (most recent call last):\n  File x\nKeyError: 'surprise'": "The set-up stopped: KeyError: 'surprise'",
    "": "The set-up stopped: ",
}


@pytest.mark.parametrize("report", PIP_SAYS)
def test_what_pip_reports_becomes_one_sentence(setting, monkeypatch, report):
    monkeypatch.setenv("FAKE_PIP", report or " ")
    assert PIP_SAYS[report] in setting.fails()
    assert setting.mark == UNFINISHED


def test_without_a_network_an_older_environment_stays_as_it_is(setting, monkeypatch):
    setting.set_up()
    before = setting.mark
    (setting.root / "requirements.txt").write_text("torch>=2.1\n")
    with monkeypatch.context() as now:
        now.setenv("FAKE_PIP", next(iter(PIP_SAYS)))
        assert "check the network" in setting.fails()
    assert setting.mark == before
    assert setting.set_up().startswith("Bringing")


def test_packages_that_do_not_start_are_known_at_once(setting, monkeypatch):
    real = environment._install

    def spoil(folder, *rest):
        next(folder.rglob("torch.py")).write_text("raise OSError('libgomp.so.1 is missing')")
        real(folder, *rest)

    monkeypatch.setattr(environment, "_install", spoil)
    assert setting.fails() == "The packages are there, but do not start: OSError: libgomp.so.1 is missing"


@pytest.mark.parametrize(("gpu", "gigabytes"), [(False, 3), (True, 9)])
def test_too_little_space_is_said_before_anything_is_made(setting, monkeypatch, gpu, gigabytes):
    monkeypatch.setattr(environment, "_has_nvidia", lambda: gpu)
    monkeypatch.setattr(environment.shutil, "disk_usage", lambda path: shutil._ntuple_diskusage(10**12, 0, 1.2e9))
    assert f"needs about {gigabytes} GB" in setting.fails() and "has 1.2 GB left" in setting.fails()
    assert not setting.folder.exists() and setting.asked == []


def test_a_python_without_venv_is_told_how_to_get_it(setting, monkeypatch):
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    assert f"sudo apt install python3.{sys.version_info[1]}-venv" in setting.fails()
    assert not setting.folder.exists()


def test_a_folder_that_cannot_be_written_to(setting, monkeypatch):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(environment, "open", refuse, raising=False)
    assert f"The folder {setting.root} cannot be written to" in setting.fails()


def test_a_folder_that_cannot_be_written_to_is_good_enough_once_it_is_set_up(setting, monkeypatch):
    setting.set_up()
    monkeypatch.setattr(environment, "open", lambda *_: pytest.fail("it tried to write"), raising=False)
    assert setting.set_up() == ""


def test_two_calls_at_once_make_it_once(setting, monkeypatch):
    monkeypatch.setenv("FAKE_PIP_SECONDS", "0.7")
    said: list[str] = []
    calls = [threading.Thread(target=set_up, args=(setting.root, said.append)) for _ in range(2)]
    for call in calls:
        call.start()
    for call in calls:
        call.join(60)
    assert said.count("Another set-up of this course is running; waiting for it.") == 1
    assert said.count("The course is set up.") == 1
    assert sum("--requirement" in line for line in setting.asked) == 1 and setting.set_up() == ""


def test_the_second_call_takes_no_time():
    said: list[str] = []
    if Path(sys.prefix) != ROOT / ".venv" or not (ROOT / ".venv" / MARK).exists():
        pytest.skip("these tests do not run in the course's own .venv, so its set-up cannot be timed")
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        set_up(ROOT, said.append)
        seconds.append(time.perf_counter() - start)
    assert said == [] and min(seconds) < 1


# --- the real pip -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"PIP_INDEX_URL": "https://127.0.0.1:9/simple"}, "check the network"),
        ({"PIP_INDEX_URL": "https://no-such-host.invalid/simple"}, "check the network"),
        ({"PIP_NO_INDEX": "1"}, "There is no package-that-nobody-made for this computer"),
    ],
)
def test_the_sentences_fit_what_the_real_pip_says(monkeypatch, variables, says):
    for name, value in {"PIP_RETRIES": "1", "PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": "", **variables}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    report = environment._pip(Path(sys.prefix), "--dry-run", "package-that-nobody-made")
    assert says in environment._why(report, ROOT)


def test_constraints_name_the_exact_version_of_all_that_is_asked_for():
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, number = line.partition("==")
            pinned[canonicalize_name(name)] = number
    asked = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    todo = [Requirement(line.split("#")[0]) for line in asked if line.split("#")[0].strip()]
    for requirement in todo:
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), requirement
    todo = [requirement for requirement in todo if requirement.marker is None or requirement.marker.evaluate()]
    seen: set[str] = set()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name in seen or name.startswith(("nvidia-", "cuda-")) or name == "triton":  # pinned by torch itself
            continue
        seen.add(name)
        assert version(name).split("+")[0] == pinned[name], (
            f"{name} was installed in another version than the tested one"
        )
        for line in distribution(name).requires or []:
            needed = Requirement(line)
            if needed.marker is None or any(
                needed.marker.evaluate({"extra": extra}) for extra in (*requirement.extras, "")
            ):
                todo.append(needed)


# --- JupyterLab -------------------------------------------------------------------------------------------------------


def status_of(address: str) -> int:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as problem:
        return problem.code


@pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are not there on Windows")
@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP", "its own menu"])
def test_open_serves_the_day_and_ends_cleanly(tmp_path, name):
    root = tmp_path / "a course"
    (root / "week1").mkdir(parents=True)
    notebook = root / "week1" / "day1_a first day.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")]), notebook)
    code = (
        "import sys; from pathlib import Path; from shared.building.lab import open_lab; "
        "open_lab(*map(Path, sys.argv[1:]), browser=False)"
    )
    variables = {
        **os.environ,
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
    }
    command = [sys.executable, "-u", "-c", code, sys.executable, str(root), str(notebook)]
    running = subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout.readline() == "week1/day1_a first day.ipynb is open at\n"
        running.stdout.readline()
        address = running.stdout.readline().strip()
        there, _, token = address.partition("?token=")
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/lab/tree/week1/day1_a%20first%20day\.ipynb", there)
        assert status_of(address) == 200
        contents = there.split("/lab/")[0] + "/api/contents/week1/day1_a%20first%20day.ipynb"
        assert status_of(contents) == 403, "it serves those who do not know the token"
        with urllib.request.urlopen(f"{contents}?token={token}", timeout=20) as answer:
            trusted = json.load(answer)["content"]["cells"][0]["metadata"].get("trusted")
        assert trusted is True
        if name == "its own menu":
            urllib.request.urlopen(f"{there.split('/lab/')[0]}/api/shutdown?token={token}", data=b"", timeout=20).close()
            running.wait(timeout=30)
    finally:
        if running.poll() is None:
            running.send_signal(getattr(signal, name, signal.SIGTERM))
        rest, errors = running.communicate(timeout=30)
    assert running.returncode == 0 and rest.endswith("JupyterLab has ended.\n") and errors == ""
    with pytest.raises(OSError):
        status_of(address)


def test_a_port_that_somebody_took_meanwhile_is_not_mistaken_for_ours(tmp_path, monkeypatch):
    server = lab.socket.create_server(("127.0.0.1", 0))
    monkeypatch.setattr(lab, "free_port", lambda: server.getsockname()[1])
    (tmp_path / "week1").mkdir()
    notebook = tmp_path / "week1" / "day1_a.ipynb"
    nbformat.write(nbformat.v4.new_notebook(), notebook)
    handlers = {name: signal.getsignal(name) for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        with server, pytest.raises(CourseError, match="JupyterLab did not start: .*port"):
            lab.open_lab(Path(sys.executable), tmp_path, notebook, browser=False)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


# --- testing ----------------------------------------------------------------------------------------------------------


def test_everything_is_tested_when_nothing_is_named(tmp_path):
    (tmp_path / "week2").mkdir()
    (tmp_path / "week2/day7_z.ipynb").touch()
    command = checks.test_command(Path("python"), tmp_path, [])
    assert command[3:5] == [str(tmp_path / "tests"), str(tmp_path / "week2/day7_z.ipynb")]
    assert "--nbval" in command and "-n" in command and command[-2:] == ["--dist", "loadfile"]
    assert "-n" not in checks.test_command(Path("python"), tmp_path, ["tests/test_course.py"])


def test_ci_and_the_readme_call_the_same_command():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "python3 course.py test" in script.splitlines()[-1]
    assert "\npython3 course.py test\n" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    subprocess.run(["bash", "-n", str(ROOT / ".ci" / "run")], check=True)


# --- publishing -------------------------------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path, monkeypatch):
    """A copy of all that carries an address, in a git repository of its own."""
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    files = [ROOT / "README.md", *places.sources(ROOT), *places.notebooks(ROOT), publishing.TEMPLATE]
    for path in files:
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    return tmp_path


def stamps(root: Path) -> dict[str, set[str]]:
    """The repositories that each file names in Colab links and set-up cells."""
    pattern = re.compile(
        r'colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/blob|COURSE = \\?"https://github\.com/([\w.-]+/[\w.-]+)'
    )
    found = {}
    for path in [
        root / "README.md",
        *places.sources(root),
        *places.notebooks(root),
        root / publishing.TEMPLATE.relative_to(ROOT),
    ]:
        found[path.relative_to(root).as_posix()] = {
            a or b for a, b in pattern.findall(path.read_text(encoding="utf-8"))
        }
    return found


def test_publish_stamps_every_file_once(copy):
    assert set(map(frozenset, stamps(copy).values())) == {frozenset({publishing.stamped()})}
    before = {path: path.read_bytes() for path in copy.rglob("day*.*")}
    repository, changed = publishing.publish(copy, "ada/my.course-2")
    assert repository == "ada/my.course-2" and len(changed) == len(stamps(copy))
    assert set(map(frozenset, stamps(copy).values())) == {frozenset({"ada/my.course-2"})}
    assert publishing.publish(copy, "ada/my.course-2") == ("ada/my.course-2", [])
    publishing.publish(copy, "bob/course")
    assert set(map(frozenset, stamps(copy).values())) == {frozenset({"bob/course"})}
    for path in places.notebooks(copy):
        nbformat.validate(nbformat.read(path, as_version=4))
    old, new = b"bob/course", publishing.stamped().encode()
    for path, content in before.items():
        changed_back = (
            path.read_bytes()
            .replace(b"github.com/" + old, b"github.com/" + new)
            .replace(b"com/github/" + old, b"com/github/" + new)
        )
        assert changed_back == content, "publishing changed more than the address"


def test_an_interrupted_publishing_is_completed_by_the_next(copy, monkeypatch):
    real, count = Path.write_bytes, []

    def stop_at_the_second(self, data):
        count.append(self)
        if len(count) == 2:
            raise KeyboardInterrupt
        return real(self, data)

    with monkeypatch.context() as now:
        now.setattr(Path, "write_bytes", stop_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            publishing.publish(copy, "ada/course")
    publishing.publish(copy, "ada/course")
    assert set(map(frozenset, stamps(copy).values())) == {frozenset({"ada/course"})}


def test_only_addresses_are_stamped():
    text = textwrap.dedent("""
        python3 course.py publish old/name
        https://github.com/old/name, https://github.com/old/name.git and https://github.com/old/name.
        https://github.com/old/name-2 https://github.com/old/name.js https://github.com/bold/name
        https://colab.research.google.com/github/old/name/blob/main/week1/day1.ipynb
        COURSE = \\"https://github.com/old/name\\"
    """)
    assert publishing.restamp(text, "old/name", "a/b") == textwrap.dedent("""
        python3 course.py publish old/name
        https://github.com/a/b, https://github.com/a/b.git and https://github.com/a/b.
        https://github.com/old/name-2 https://github.com/old/name.js https://github.com/bold/name
        https://colab.research.google.com/github/a/b/blob/main/week1/day1.ipynb
        COURSE = \\"https://github.com/a/b\\"
    """)


@pytest.mark.parametrize("address", [
    "https://github.com/ada/course", "https://github.com/ada/course.git", "https://github.com/ada/course/",
    "https://ada:secret@github.com/ada/course.git", "git@github.com:ada/course.git", "git@github.com:ada/course",
    "ssh://git@github.com/ada/course.git", "ssh://git@ssh.github.com:443/ada/course.git", "git://github.com/ada/course",
])  # fmt: skip
def test_the_repository_is_read_from_origin(copy, address):
    subprocess.run(["git", "-C", str(copy), "remote", "add", "origin", address], check=True)
    assert publishing.find_repository(copy) == "ada/course"


@pytest.mark.parametrize(
    "address", ["/srv/git/course.git", "../course", "https://example.org/a/b/c/d.git", "file:///srv/a b/c d"]
)
def test_an_origin_that_is_no_repository_on_github_says_so(copy, address):
    subprocess.run(["git", "-C", str(copy), "remote", "add", "origin", address], check=True)
    with pytest.raises(CourseError, match="names no repository on GitHub; say which repository it is"):
        publishing.find_repository(copy)


def test_a_token_in_the_address_of_origin_is_not_shown(copy):
    address = "https://ada:secret@example.org/a/b/c/d.git"
    subprocess.run(["git", "-C", str(copy), "remote", "add", "origin", address], check=True)
    with pytest.raises(CourseError, match="example.org/a/b/c/d.git") as caught:
        publishing.find_repository(copy)
    assert "secret" not in str(caught.value)


def test_where_nothing_tells_the_repository_it_is_asked_for(copy, monkeypatch):
    with pytest.raises(CourseError, match="no git remote named origin; say which repository it is"):
        publishing.publish(copy)
    with monkeypatch.context() as now:
        now.setenv("PATH", "")
        with pytest.raises(CourseError, match="git is not installed here; say which"):
            publishing.publish(copy)
    monkeypatch.setenv("GITHUB_REPOSITORY", "from/actions")
    assert publishing.publish(copy)[0] == "from/actions"


@pytest.mark.parametrize("name", [
    "course", "a/b/c", "/course", "ada/", "-ada/course", "ada-/course", "ada/cou rse", 'ada/"x"', "ada/..", "ada/.",
    "a.da/course", "https://github.com/ada/course", "ada/course\n", "ада/course", "a" * 41 + "/course",
    publishing.NOBODY,
])  # fmt: skip
def test_a_name_that_github_would_not_allow_is_refused(copy, name):
    before = stamps(copy)
    with pytest.raises(CourseError, match="names no repository: give it as OWNER/NAME"):
        publishing.publish(copy, name)
    assert stamps(copy) == before


@pytest.mark.parametrize(
    "name", ["ada/course", "Ada-1/c.o_u-rse", "a/b", "ada_corp/course", "a" * 39 + "/" + "b" * 100]
)
def test_a_name_that_github_allows_is_taken(name):
    assert publishing.check_name(name) == name
