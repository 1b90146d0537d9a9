"""The file and the class of a Java program are found as javac and java want them."""

import time

import pytest

from sandbox_service.entry_points import EntryPoint, java

MAIN = "public static void main(String[] args) {}"


@pytest.mark.parametrize(
    ("source", "file", "name"),
    [
        (f"public class Main {{ {MAIN} }}", "Main.java", "Main"),
        (f"public class Squares {{ {MAIN} }}", "Squares.java", "Squares"),
        (f"class Squares {{ {MAIN} }}", "Main.java", "Squares"),
        (f"package a.b;\npublic final class C {{ {MAIN} }}", "C.java", "a.b.C"),
        (f"class A {{ }} class B {{ {MAIN} }}", "Main.java", "B"),
        (f"class A {{ {MAIN} }} public class B {{ {MAIN} }}", "B.java", "B"),
        (f"class A {{ {MAIN} }} class Main {{ {MAIN} }}", "Main.java", "Main"),
        (f"class A {{ {MAIN} }} public class B {{ }}", "B.java", "A"),
        (f"class A {{ public class Inner {{ {MAIN} }} }} public class B {{ {MAIN} }}", "B.java", "B"),
        (f"public class A {{ static class Main {{ }} {MAIN} }}", "A.java", "A"),
        (f"// public class X {{\n/* public class Y {{ */ public class Z {{ {MAIN} }}", "Z.java", "Z"),
        (f"public class Z {{ String s = \"}} public class X {{\"; char c = '}}'; {MAIN} }}", "Z.java", "Z"),
        (f'public class Z {{ String s = """\n }} " public class X {{ """; {MAIN} }}', "Z.java", "Z"),
        (f'@SuppressWarnings("unchecked") public strictfp class Z<T extends A<T>> {{ {MAIN} }}', "Z.java", "Z"),
        (f"public enum E {{ A; {MAIN} }}", "E.java", "E"),
        (f"public record R(int a) {{ {MAIN} }}", "R.java", "R"),
        (f"public interface I {{ {MAIN.removeprefix('public ')} }}", "I.java", "I"),
        (f"import java.util.*;\npublic class Größe {{ {MAIN} }}", "Größe.java", "Größe"),
        ("public class Main { int x; }", "Main.java", "Main"),
        ("", "Main.java", "Main"),
        ("} } class", "Main.java", "Main"),
        ("public class ../../x { void main", "x.java", "x"),
        (f"public class A$B {{ {MAIN} }}", "A$B.java", "A$B"),
        (f"public class {'A' * 300} {{ {MAIN} }}", "Main.java", "Main"),
    ],
)
def test_java(source: str, file: str, name: str):
    assert java(source) == EntryPoint(file, name)


@pytest.mark.parametrize(
    "unit", ["public ", "class A {", "/*", '"', "'", '"""', "\\", "package ", "a.", "}", "{", "//"]
)
def test_a_hostile_source_is_read_in_linear_time(unit: str):
    started = time.process_time()

    java(unit * (2**20 // len(unit)))

    assert time.process_time() - started < 5  # a quadratic reading takes hours
