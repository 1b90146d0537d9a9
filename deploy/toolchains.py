"""Installs what the languages need beyond Debian's packages: packages of npm, and archives of compilers' classes.

An archive of classes (class data sharing) halves the start of a compiler that runs on the JVM. A runner.toml
names the file it looks for; it is made here from a compilation of the language's own example. Run it again
after an upgrade of Java or of the compiler: an archive that no longer fits is ignored, and only takes longer.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

RUNNERS = Path(__file__).parents[1] / "runners"
PREFIX = Path("/usr/local")
PACKAGES = {
    "typescript": ("typescript@5.9.3", "@types/node@20.19.25"),
    "kotlin": ("kotlin-compiler@2.4.20",),
}
# The package names only its compiler to JavaScript as a command.
LINKS = {"kotlin": ("bin/kotlinc", "../lib/node_modules/kotlin-compiler/bin/kotlinc")}
ARCHIVE = re.compile(r"-XX:SharedArchiveFile=(\S+)")


def main(words: Sequence[str]) -> None:
    """Install for the languages that are named, or for all of which this machine has the rest."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE")
    parser.add_argument("--packages-only", action="store_true", help="make no archive, which takes a Java")
    parser.add_argument("--needed", action="store_true", help="only say which package of Debian it takes")
    asked = parser.parse_args(words)
    lacking = [package for package in _packages(asked.languages or [*PACKAGES]) if not _is_installed(package)]
    if asked.needed:
        print("npm" if lacking and shutil.which("npm") is None else "")
        return
    if lacking:
        _install(lacking)
    languages = asked.languages or sorted(path.parent.name for path in RUNNERS.glob("*/runner.toml"))
    for language in languages:
        if language in LINKS:
            _link(*LINKS[language])
        if not asked.packages_only:
            _archive(language)


def _packages(languages: Sequence[str]) -> list[str]:
    return [package for language in languages for package in PACKAGES.get(language, ())]


def _is_installed(package: str) -> bool:
    name, _, version = package.rpartition("@")
    try:
        manifest = json.loads((PREFIX / "lib" / "node_modules" / name / "package.json").read_text("utf-8"))
    except FileNotFoundError:
        return False
    return bool(manifest["version"] == version)


def _install(packages: Sequence[str]) -> None:
    if shutil.which("npm") is None:
        sys.exit(f"npm is missing, which brings {', '.join(packages)}: apt-get install -y npm")
    done = subprocess.run(
        ["npm", "install", "--global", "--prefix", PREFIX, "--no-fund", "--no-audit", "--loglevel=error", *packages]
    )
    if done.returncode:
        sys.exit(f"npm could not install {', '.join(packages)}")


def _link(place: str, target: str) -> None:
    link = PREFIX / place
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _archive(language: str) -> None:
    """Make the archive of classes that the language's compile step names, if it names one."""
    compile_step = tomllib.loads((RUNNERS / language / "runner.toml").read_text("utf-8")).get("compile", {})
    environment: Mapping[str, str] = compile_step.get("environment", {})
    named = ARCHIVE.search(" ".join((*compile_step.get("argv", ()), *environment.values())))
    if named is None:
        return
    archive = Path(named[1])
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.unlink(missing_ok=True)
    print(f"{language}: making {archive}")
    _compile_example(language, [_dumping(word) for word in compile_step["argv"]], environment)
    if not archive.exists():
        print(f"{language}: no archive was made; its compiler works without one and takes longer")


def _compile_example(language: str, argv: Sequence[str], environment: Mapping[str, str]) -> None:
    example = next((RUNNERS / language / "examples").glob("accepted.*"))
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(example, Path(folder, f"main{example.suffix}"))
        variables = {name: _dumping(value) for name, value in environment.items()}
        # As a box will find the compiler, or the archive would be for another class path.
        path = {"PATH": f"{PREFIX}/bin:/usr/bin:/bin", "HOME": folder}
        subprocess.run(argv, cwd=folder, env={**os.environ, **path, **variables}, stdout=subprocess.DEVNULL)


def _dumping(word: str) -> str:
    return ARCHIVE.sub(r"-XX:ArchiveClassesAtExit=\1", word)


if __name__ == "__main__":
    main(sys.argv[1:])
