"""Packaging: which folders go into the wheel, and the front end built on the way; the rest is in pyproject.toml."""

import importlib.util
from pathlib import Path
from types import ModuleType

from setuptools import find_packages, setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
YAML_TREES = ["modules", "examples"]  # documents without Python; importlib.resources.files("modules") finds them


def script(path: str) -> ModuleType:
    """A script of this repository as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class BuildWithFrontEnd(build_py):
    """Builds admin/static/dist and the catalogues before files are collected, in wheels and in editable installs."""

    def run(self) -> None:
        script("admin/frontend/build.py").build()
        script("scripts/translations.py").compile_all()
        # What was just built was not there yet when the files of each package were listed.
        self.__dict__.pop("data_files", None)
        super().run()


setup(
    packages=find_packages(include=["dsl*", "engine*", "admin*"]) + YAML_TREES,
    package_dir={"": "."},  # one plain path in editable installs, so that every tool finds every package
    package_data={
        "": ["*.lark", "*.yaml", "*.json", "*.html", "*.po", "*.mo", "py.typed"],
        "engine": ["**/*.yaml", "**/*.json", "**/*.mako"],
        "admin": ["templates/**/*", "translations/**/*", "static/**/*"],
        "modules": ["**/*"],
        "examples": ["**/*"],
    },
    include_package_data=False,
    cmdclass={"build_py": BuildWithFrontEnd},
)
