"""Which language a file of a package is in: by its ending, where two share one by what stands in it."""

import re
from pathlib import Path

LANGUAGE_OF_ENDING = {
    ".adb": "ada",
    ".asm": "nasm",
    ".awk": "awk",
    ".bash": "bash",
    ".c": "c",
    ".c++": "cpp",
    ".C": "cpp",
    ".cc": "cpp",
    ".cl": "lisp",
    ".cpp": "cpp",
    ".cs": "csharp",
    ".cxx": "cpp",
    ".d": "d",
    ".ex": "elixir",
    ".exs": "elixir",
    ".f90": "fortran",
    ".f95": "fortran",
    ".go": "go",
    ".hs": "haskell",
    ".java": "java",
    ".jl": "julia",
    ".js": "javascript",
    ".kt": "kotlin",
    ".lisp": "lisp",
    ".lua": "lua",
    ".mjs": "javascript",
    ".ml": "ocaml",
    ".p": "pascal",
    ".pas": "pascal",
    ".php": "php",
    ".pl": "perl",
    ".plg": "prolog",
    ".pm": "perl",
    ".pp": "pascal",
    ".py": "python",
    ".py2": "python2",
    ".py3": "python",
    ".R": "r",
    ".r": "r",
    ".rb": "ruby",
    ".rkt": "racket",
    ".rs": "rust",
    ".scala": "scala",
    ".sh": "bash",
    ".sql": "sql",
    ".swift": "swift",
    ".ts": "typescript",
}

_PYTHON_2 = re.compile(
    r"""\A\#!.*python2
    | ^[ \t]*print[ ]+(?:["'%]|>>|[\w.]+(?:[ ]*[,%\[(.+*/-]|[ \t]*(?:\#.*)?$))(?!.*["']{3})  # the statement
    | ^[ \t]*except[ ]+\w[\w.]*[ ]*,[ ]*\w+[ ]*:
    | \.(?:has_key|iteritems|itervalues|iterkeys)\(
    """,
    re.MULTILINE | re.VERBOSE,
)
_PYTHON_2_NAMES = ("raw_input", "xrange")
_PYTHON_3 = re.compile(r"\A#!.*python3")
_PROLOG = re.compile(r"^\s*:-|:-\s*$|^\w+(?:\(.*\))?\s*:-", re.MULTILINE)
_PERL = re.compile(r"\A#!.*perl|^\s*(?:use|my|our|sub)\s|[$@]\w+\s*=", re.MULTILINE)
_MAIN = {
    "c": re.compile(r"\bmain\s*\("),
    "cpp": re.compile(r"\bmain\s*\("),
    "java": re.compile(r"\bvoid\s+main\s*\("),
    "csharp": re.compile(r"\bMain\s*\("),
    "kotlin": re.compile(r"\bfun\s+main\s*\("),
    "pascal": re.compile(r"\A(?!.*^\s*unit\b)", re.MULTILINE | re.DOTALL | re.IGNORECASE),
    "python": re.compile(r"^(?!def |class |import |from |#|\s|@|\"|')\w", re.MULTILINE),
    "rust": re.compile(r"\bfn\s+main\s*\("),
    "go": re.compile(r"\bfunc\s+main\s*\("),
}
_MAIN_STEMS = ("main", "__main__")


def language_of(ending: str, source: str) -> str | None:
    """Our name for it, python2 for what Python 3 does not run; None when no language goes with the ending."""
    language = LANGUAGE_OF_ENDING.get(ending)
    if language == "python" and is_python_2(source):
        return "python2"
    if language == "perl" and _PROLOG.search(source) and not _PERL.search(source):
        return "prolog"
    return language


def is_python_2(source: str) -> bool:
    """Whether it says so in its first line, or has what Python 3 does not know and does not define it."""
    if _PYTHON_3.search(source):
        return False
    if _PYTHON_2.search(source):
        return True
    called = (name for name in _PYTHON_2_NAMES if re.search(rf"\b{name}\s*\(", source))
    return any(not re.search(rf"\b{name}\s*=|def\s+{name}\b|import\s+.*\b{name}\b", source) for name in called)


def is_entry_point(language: str, path: Path) -> bool:
    """Whether a file has the name of that in which programs of the language begin."""
    return path.stem.lower() in _MAIN_STEMS and LANGUAGE_OF_ENDING.get(path.suffix) == language


def starts(language: str, stem: str, source: str) -> bool:
    """Whether a program of several files begins in this one."""
    main = _MAIN.get(language)
    return stem.lower() in _MAIN_STEMS or (main is not None and main.search(source) is not None)
