"""Strings: the shortest word that a text repeats."""

from random import Random

from tests.benchmarks.problems.shape import Shape

STATEMENT = (
    "Given a text of small letters, print the length of the shortest word of which it is a beginning of repeats."
)
PYTHON = """\
def main():
    text = input().strip()
    border = [0] * len(text)
    matched = 0
    for i in range(1, len(text)):
        while matched and text[i] != text[matched]:
            matched = border[matched - 1]
        matched += text[i] == text[matched]
        border[i] = matched
    print(len(text) - matched)

main()
"""
CPP = """\
#include <bits/stdc++.h>
using namespace std;
int main() {
    string text;
    cin >> text;
    vector<int> border(text.size());
    int matched = 0;
    for (size_t i = 1; i < text.size(); i++) {
        while (matched && text[i] != text[matched]) matched = border[matched - 1];
        matched += text[i] == text[matched];
        border[i] = matched;
    }
    cout << text.size() - matched << endl;
}
"""


def make(generator: Random, size: int) -> str:
    word = "".join(generator.choice("ab") for _ in range(generator.randint(1, max(1, size // 3))))
    text = (word * (size // len(word) + 1))[:size]
    if generator.random() < 0.2:
        text = text[:-1] + "c"
    return text + "\n"


def answer(stdin: str) -> str:
    text = stdin.strip()
    return f"{next(period for period in range(1, len(text) + 1) if text.startswith(text[period:]))}\n"


SHAPE = Shape(
    "periods",
    STATEMENT,
    200_000,
    make,
    answer,
    {"python": PYTHON, "pypy": PYTHON, "cpp": CPP},
    PYTHON.replace("len(text) - matched", "matched"),
)
