"""scripts/setup.sh on a machine that lacks what it needs and may not install it: the exact line, and nothing done."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.fixtures_engines import short_folder

SETUP = Path(__file__).parents[2] / "scripts" / "setup.sh"
BARE = ("bash", "dirname", "id")  # all that set-up calls up to there
NOBODY = 65534
LINE = "apt-get install --yes --no-install-recommends "
CASES = {
    "root without apt": (0, (), "apt-get update && " + LINE),
    "nobody without sudo": (NOBODY, (), "apt-get update && " + LINE),
    "nobody with a sudo that asks for a password": (NOBODY, ("sudo",), "sudo apt-get update && sudo " + LINE),
}


@pytest.mark.parametrize("case", CASES)
def test_the_line_to_run_is_printed_and_nothing_done(case: str) -> None:
    user, also, line = CASES[case]
    if os.geteuid() not in (0, user):
        pytest.skip("only root can be somebody else")
    with short_folder() as checkout:
        checkout.chmod(0o755)
        programs = checkout / "bin"
        programs.mkdir()
        (checkout / "scripts").mkdir()
        shutil.copy(SETUP, checkout / "scripts")
        for name in (*BARE, *also):
            # a sudo without a terminal and a password ends like false
            (programs / name).symlink_to("/bin/false" if name in also else shutil.which(name) or name)
        argv = [programs / "bash", checkout / "scripts" / "setup.sh", "run"]
        done = subprocess.run(argv, env={"PATH": str(programs)}, capture_output=True, text=True, user=user, check=False)
        assert sorted(path.name for path in checkout.iterdir()) == ["bin", "scripts"]
    assert done.returncode == 1
    first, second = done.stderr.splitlines()
    assert first.endswith("lalu ulangi perintah tadi:")
    assert second.strip().startswith(line)
    assert {"tesseract-ocr", "bubblewrap", "python3-venv"} <= set(second.split())
