"""A workspace folder and the modules that it enables are read as one set of files."""

from pathlib import Path

import pytest

from engine.model import build, load_folder

FILES = {
    "workspace.yaml": "workspace: shop\nmodules: [own]\n",
    "entities/order.yaml": "entity: order\nfields: {total: {type: money}}\n",
    "customizations/order.yaml": "extend: entity order\nlabel: Deal\n",
    "modules/own/module.yaml": "module: own\ndepends: [base]\n",
    "modules/other/module.yaml": "module: other\n",
    "maps/orders.yaml": "entity: order\ncolumns: {}\n",
    "var/left.yaml": "no: document\n",
    ".hidden/x.yaml": "no: document\n",
    "notes.txt": "not YAML",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_documents_of_the_folder_and_of_enabled_modules_are_read(folder):
    files = load_folder(folder)

    own = {path for path in files if not path.startswith("modules/base/")}
    assert own == {"workspace.yaml", "entities/order.yaml", "customizations/order.yaml", "modules/own/module.yaml"}
    assert "modules/base/module.yaml" in files  # installed with Tradewind
    assert build(files).problems == []


def test_a_file_that_is_not_utf_8_is_a_problem_of_that_file(folder):
    (folder / "entities/latin.yaml").write_bytes("entity: café\n".encode("latin-1"))

    assert [(p.place, p.code) for p in build(load_folder(folder)).problems] == [("entities/latin.yaml:1:12", "TW1001")]


def test_an_unknown_module_is_a_problem_of_the_workspace(folder):
    (folder / "workspace.yaml").write_text("workspace: shop\nmodules: [own, '../secret', nowhere]\n")

    assert [(p.place, p.code) for p in build(load_folder(folder)).problems] == [
        ("workspace.yaml:2:16", "TW1106"),
        ("workspace.yaml:2:16", "TW1604"),
        ("workspace.yaml:2:29", "TW1604"),
    ]


def test_there_is_no_such_folder(tmp_path):
    with pytest.raises(NotADirectoryError, match="nowhere"):
        load_folder(tmp_path / "nowhere")


@pytest.mark.parametrize("example", sorted(path.name for path in Path("examples").iterdir() if path.is_dir()))
def test_the_examples_have_no_problems(example):
    assert [p.place for p in build(load_folder(Path("examples") / example)).problems] == []
