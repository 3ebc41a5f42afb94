"""The ``backlight`` command: its subcommands, and what the doctor finds."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from viz import doctor
from viz.command import main

ROOT = Path(__file__).parent.parent


def test_the_console_script_is_this_command():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'backlight = "viz.command:main"' in text


def test_no_subcommand_is_an_error_that_names_them(capsys):
    with pytest.raises(SystemExit) as exit:
        main([])
    assert exit.value.code == 2
    assert "required: command" in capsys.readouterr().err


def test_help_lists_the_subcommands(capsys):
    with pytest.raises(SystemExit) as exit:
        main(["--help"])
    assert exit.value.code == 0
    assert "doctor" in capsys.readouterr().out


def test_the_module_runs_as_a_program():
    result = subprocess.run(
        [sys.executable, "-m", "viz.command", "doctor"], cwd=ROOT, capture_output=True, text=True
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith("Backlight ")


def test_the_doctor_answers_every_question(capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    questions = [line for line in lines if not line.startswith(" ")]
    assert questions[2:] == [
        "Packages it needs",
        "Packages it can use",
        "Layout of graphs, the first is used",
        "The name autograd",
        "Arithmetic",
    ]
    assert f"  numpy         {np.__version__}" in lines
    assert lines[-1].endswith("for this process")


def test_the_doctor_names_what_is_missing(monkeypatch):
    def no_version(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", no_version)
    text = doctor.report()
    assert "graphviz-pure missing" in text
    assert "- (charts; extra viz)" in text


def test_without_any_dot_the_own_layout_draws(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    assert doctor.engines() == ["Backlight's own layered layout (always there)"]


def test_a_dot_that_does_not_run_is_said_to_not_run(tmp_path):
    assert doctor.banner(str(tmp_path / "dot")).startswith("does not run (")


def test_another_distribution_of_that_name_is_named(monkeypatch):
    monkeypatch.setattr(doctor, "version", lambda name: "1.7" if name == "autograd" else None)
    assert "the distribution autograd 1.7 is installed beside it" in doctor.rival()


def test_a_blas_unknown_to_threadpoolctl_is_said_to_be_unknown(monkeypatch):
    monkeypatch.setattr(doctor.threadpoolctl, "threadpool_info", lambda: [])
    assert doctor.blas() == [f"NumPy {np.__version__}, whose BLAS threadpoolctl does not know"]
