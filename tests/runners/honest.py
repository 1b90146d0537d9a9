"""Honest programs in the languages beyond Python, C++, Java and JavaScript; each reads 21 and answers 42.

They read their input, end, recurse, compute in threads and fill their memory in the ways that lesser judges fail.
"""

from collections.abc import Mapping

TYPESCRIPT = {
    "imports node's modules": (
        "import * as readline from 'readline';\n"
        "const lines: readline.Interface = readline.createInterface({ input: process.stdin });\n"
        "lines.on('line', (line: string) => console.log(Number(line) * 2));"
    ),
    "requires them": "const fs = require('fs');\nconsole.log(Number(fs.readFileSync('/dev/stdin', 'utf8')) * 2);",
    "has names that a browser has too": "const name = 40, length = 2;\nconsole.log(name + length);",
    "uses what came late": (
        "const of = { n: 42 } satisfies Record<string, number>;\nconsole.log([of.n].findLast((n) => n > 0)?.toString());"
    ),
    "waits": "async function main(): Promise<void> { console.log(await Promise.resolve(42)); }\nmain();",
    "ends by itself": "console.log(42);\nprocess.exit(0);",
}
GO = {
    "scans lines": (
        'package main\nimport ("bufio"; "fmt"; "os"; "strconv")\nfunc main() { s := bufio.NewScanner(os.Stdin); '
        "s.Scan(); n, _ := strconv.Atoi(s.Text()); w := bufio.NewWriter(os.Stdout); defer w.Flush(); "
        "fmt.Fprintln(w, n*2) }"
    ),
    "has many goroutines": (
        'package main\nimport ("fmt"; "sync")\nfunc main() { var wg sync.WaitGroup; c := make(chan int, 42000)\n'
        "for i := 0; i < 42000; i++ { wg.Add(1); go func() { defer wg.Done(); c <- 1 }() }\n"
        "wg.Wait(); fmt.Println(len(c) / 1000) }"
    ),
    "recurses deep": (
        'package main\nimport "fmt"\nfunc f(n int) int { if n == 0 { return 0 }; return 1 + f(n-1) }\n'
        "func main() { fmt.Println(f(400000) - 399958) }"
    ),
    "has generics": (
        'package main\nimport "fmt"\nfunc twice[T int | float64](x T) T { return x * 2 }\n'
        "func main() { var n int; fmt.Scan(&n); fmt.Println(twice(n)) }"
    ),
    "M19 makes much garbage": (
        'package main\nimport "fmt"\nfunc main() { s := 0; for i := 0; i < 20000; i++ { b := make([]byte, 100000); '
        "b[i%1000] = 1; s += len(b) }; fmt.Println(s / s * 42) }"
    ),
}
RUST = {
    "locks its input": (
        "use std::io::BufRead;\nfn main() { let line = std::io::stdin().lock().lines().next().unwrap().unwrap(); "
        'println!("{}", line.trim().parse::<i32>().unwrap() * 2); }'
    ),
    "M19 recurses deep in a thread of its own": (
        "fn f(n: u64) -> u64 { if n == 0 { 0 } else { 1 + f(std::hint::black_box(n - 1)) } }\n"
        "fn main() { let t = std::thread::Builder::new().stack_size(64 << 20).spawn(|| f(400000)).unwrap(); "
        'println!("{}", t.join().unwrap() - 399958); }'
    ),
    "warns": 'fn main() { let unused = 1; let mut x = 42; println!("{}", x); }',
    "ends by itself": 'fn main() { println!("42"); std::process::exit(0); }',
}
CSHARP = {
    "recurses deep": (
        "using System; class P { static int F(int n) { return n == 0 ? 0 : 1 + F(n - 1); } "
        "static void Main() { Console.WriteLine(F(100000) - 99958); } }"
    ),
    "reads all": "using System; class P { static void Main() { Console.Write(int.Parse(Console.In.ReadToEnd()) * 2); } }",
    "has LINQ and big numbers": (
        "using System; using System.Linq; using System.Numerics; class P { static void Main() { "
        "BigInteger n = Enumerable.Repeat(2, 100).Aggregate(BigInteger.One, (a, b) => a * b); "
        "Console.WriteLine(n / n * 42); } }"
    ),
    "has threads and tasks": (
        "using System; using System.Threading.Tasks; class P { static void Main() { int n = 0; object o = new object(); "
        "Parallel.For(0, 42, i => { lock (o) n++; }); Console.WriteLine(Task.Run(() => n).Result); } }"
    ),
    "answers with an exit code": "class P { static int Main() { System.Console.WriteLine(42); return 0; } }",
    "makes much garbage": (
        "class P { static void Main() { long s = 0; for (int i = 0; i < 3000; i++) s += new byte[1 << 20].Length; "
        "System.Console.WriteLine(s / s * 42); } }"
    ),
}
KOTLIN = {
    "reads with readln": "fun main() { println(readln().trim().toInt() * 2) }",
    "has a main in an object": "object Solution { @JvmStatic fun main(a: Array<String>) { println(42) } }",
    "is in a package": "package a.b\nfun main(args: Array<String>) { println(42) }",
    "uses what came late": "fun main() { println(buildList { add(40); add(2) }.sum()) }",
    "recurses deep": "fun f(n: Int): Int = if (n == 0) 0 else 1 + f(n - 1)\nfun main() { println(f(100000) - 99958) }",
    "has threads": (
        "import kotlin.concurrent.thread\nfun main() { val n = java.util.concurrent.atomic.AtomicInteger()\n"
        "List(20) { thread { n.addAndGet(2) } }.forEach { it.join() }; println(n.get() + 2) }"
    ),
}
SCALA = {
    "recurses deep": (
        "object M extends App { def f(n: Int): Int = if (n == 0) 0 else 1 + f(n - 1); println(f(100000) - 99958) }"
    ),
    "is an App": "object Solution extends App { println(scala.io.StdIn.readInt() * 2) }",
    "reads lines": "object M { def main(a: Array[String]) { println(io.Source.stdin.getLines.map(_.toInt * 2).mkString) } }",
    "is in a package": "package a.b\nobject M { def main(a: Array[String]): Unit = println(42) }",
    "has classes beside it": "case class P(x: Int)\nobject M extends App { println(P(42) match { case P(x) => x }) }",
    "has futures": (
        "import scala.concurrent._, duration._, ExecutionContext.Implicits.global\n"
        "object M extends App { println(Await.result(Future(42), 5.seconds)) }"
    ),
}
RUBY = {
    "reads all": "puts STDIN.read.to_i * 2",
    "reads with the keyword's name": "puts $<.each_line.map { |line| line.to_i * 2 }",
    "has a method of Kernel's name": "def gets_twice = gets.to_i * 2\nputs gets_twice",
    "recurses": "def f(n) = n == 0 ? 0 : 1 + f(n - 1)\nputs f(9000) - 8958",
    "has threads": "puts 21.times.map { Thread.new { 2 } }.sum(&:value)",
    "requires": "require 'set'\nrequire 'json'\nputs JSON.parse('[42]').to_set.first",
    "ends by itself": "puts 42\nexit",
    "writes another script": "s = 'é日本'\nputs s.length + 39",
}
PHP = {
    "reads a line": "<?php echo intval(fgets(STDIN)) * 2;",
    "reads the stream": "<?php echo intval(file_get_contents('php://stdin')) * 2, PHP_EOL;",
    "scans": "<?php fscanf(STDIN, '%d', $n); echo $n * 2;",
    "recurses deep": "<?php function f($n) { return $n == 0 ? 0 : 1 + f($n - 1); } echo f(50000) - 49958;",
    "counts letters and big numbers": "<?php echo mb_strlen('日本') * (int) bcmul('7', '3');",
    "ends by itself": "<?php echo 42; exit(0);",
    "warns": "<?php echo 42; echo @$missing['x']; $x = [] ; echo $x['y'] ?? '';",
}
PERL = {
    "reads lines": "while (my $line = <>) { chomp $line; print $line * 2, qq(\\n); }",
    "reads a list": "my @lines = <STDIN>; print $lines[0] * 2;",
    "has modules": "use strict; use warnings; use List::Util qw(sum); use bigint; print sum(40, 2);",
    "recurses deep": "no warnings; sub f { my $n = shift; $n ? 1 + f($n - 1) : 0 } print f(50000) - 49958;",
    "has a block for the beginning": "my $n; BEGIN { $n = 2; } print $n * <STDIN>;",
}
LUA = {
    "reads a line": "print(tonumber(io.read('l')) * 2)",
    "reads lines": "for line in io.lines() do print(math.tointeger(tonumber(line)) * 2) end",
    "reads all": "print(math.tointeger(tonumber(io.read('a'))) * 2)",
    "recurses": "local function f(n) if n == 0 then return 0 end return 1 + f(n - 1) end print(f(100000) - 99958)",
    "ends by itself": "print(42) os.exit(0)",
}
BASH = {
    "finds its own folder": 'cd "${0%/*}" && ls main.sh >/dev/null && echo 42',
    "calls others": 'read -r n\necho "$n * 2" | bc',
    "passes its input on": "awk '{ print $1 * 2 }'",
    "reads lines": 'while read -r n || [ -n "$n" ]; do echo $((n * 2)); done',
    "has a here-document and a function": 'double() { cat <<END\n$(( $1 * 2 ))\nEND\n}\nread -r n\ndouble "$n"',
    "writes a file": "sort -n > sorted\nread -r n < sorted\necho $((n * 2))",
}
HASKELL = {
    "interacts": "main = interact $ \\s -> show (2 * read s :: Int)",
    "has containers": "import qualified Data.Map.Strict as M\nmain = print (M.foldr (+) 0 (M.fromList [(1, 40), (2, 2)]))",
    "reads bytes": (
        "import qualified Data.ByteString.Char8 as B\n"
        "main = do { s <- B.getContents; let { Just (n, _) = B.readInt s }; print (n * 2) }"
    ),
    "recurses deep": "f :: Int -> Int\nf 0 = 0\nf n = 1 + f (n - 1)\nmain = print (f 400000 - 399958)",
    "has concurrency": (
        "import Control.Concurrent\nmain = do { v <- newEmptyMVar; forkIO (putMVar v 42); takeMVar v >>= print }"
    ),
    "writes another script": 'main = putStrLn (show (length "日本" * 21))',
    "is a module of its own name": "module Main (main) where\nmain :: IO ()\nmain = print 42",
}
OCAML = {
    "reads a line": "let () = print_int (2 * int_of_string (String.trim (input_line stdin)))",
    "recurses deep": "let rec f n = if n = 0 then 0 else 1 + f (n - 1)\nlet () = print_int (f 400000 - 399958)",
    "has Str and Unix": 'let () = print_int (List.length (Str.split (Str.regexp ",") "a,b") * 21 + 0 * Unix.getpid ())',
    "ends by itself": 'let () = print_string "42"; exit 0',
}
R = {
    "opens its input": "n <- as.integer(readLines(file('stdin'), n = 1))\ncat(n * 2)",
    "scans": "n <- scan(file('stdin'), quiet = TRUE)\ncat(n * 2, '\\n')",
    "ends by itself": "cat(42)\nquit(status = 0)",
    "calculates with matrices": "m <- matrix(c(6, 0, 0, 7), 2)\ncat(det(m), '\\n')",
    "writes another script": "cat(nchar('日本') * 21, '\\n')",
}
PASCAL = {
    "has units": "uses SysUtils, Math;\nvar n: Integer;\nbegin ReadLn(n); WriteLn(Max(n, 0) * StrToInt('2')); end.",
    "has generics": (
        "uses fgl;\ntype TList = specialize TFPGList<Integer>;\nvar l: TList;\n"
        "begin l := TList.Create; l.Add(42); WriteLn(l[0]); end."
    ),
    "reads to the end": "var n: Integer;\nbegin while not Eof do begin ReadLn(n); WriteLn(n * 2); end; end.",
    "has strings": "var s: AnsiString;\nbegin ReadLn(s); WriteLn(Length(s) * 21); end.",
}
D = {
    "recurses deep": (
        "import std.stdio;\nint f(int n) { return n == 0 ? 0 : 1 + f(n - 1); }\n"
        "void main() { writeln(f(400000) - 399958); }"
    ),
    "reads lines": "import std.stdio, std.conv, std.string;\nvoid main() { writeln(readln.strip.to!int * 2); }",
    "has ranges": ("import std.stdio, std.algorithm, std.range;\nvoid main() { iota(42).map!(x => 1).sum.writeln; }"),
}
FORTRAN = {
    "has modules": (
        "module m\ncontains\n  recursive integer function f(n) result(r)\n    integer, intent(in) :: n\n    r = 0\n"
        "    if (n > 0) r = 1 + f(n - 1)\n  end function\nend module\n"
        "program p\n  use m\n  print *, f(100000) - 99958\nend program"
    ),
    "stops by itself": "program p\n  integer :: n\n  read (*, *) n\n  write (*, '(I0)') n * 2\n  stop\nend program",
}
LISP = {
    "reads a line": '(format t "~a~%" (* 2 (parse-integer (read-line))))',
    "has macros with functions of its own": (
        "(defun twice (x) (* 2 x))\n(defmacro at-compile-time (x) (twice x))\n(print (at-compile-time 21))"
    ),
    "has packages": "(defpackage :mine (:use :cl))\n(in-package :mine)\n(defun f () 42)\n(print (mine::f))",
    "recurses deep": "(defun f (n) (if (= n 0) 0 (1+ (f (1- n)))))\n(print (- (f 400000) 399958))",
    "makes much garbage": "(dotimes (i 3000) (make-array 1000000 :element-type '(unsigned-byte 8)))\n(print 42)",
    "ends by itself": "(princ 42)\n(terpri)\n(sb-ext:exit)",
    "has characters of every kind": '(princ (+ 39 (length "日本é"))) ; "(\n#| ( |#',
}
PROLOG = {
    "is started by a directive": ":- initialization(main).\nmain :- read_line_to_codes(user_input, C), number_codes(N, C), M is N * 2, print(M).",
    "is started by its name": "main :- read_line_to_string(user_input, S), number_string(N, S), M is N * 2, print(M), nl.",
    "halts": ":- initialization(main).\nmain :- writeln(42), halt.",
    "has constraints": ":- use_module(library(clpfd)).\nmain :- X #= 6 * 7, X in 1..50, writeln(X).",
    "has operators of its own": ":- op(700, xfx, ===>).\nrule(a ===> 42).\nmain :- rule(_ ===> X), writeln(X).",
    "recurses deep": (
        "f(0, 0) :- !.\nf(N, R) :- M is N - 1, f(M, S), R is S + 1.\nmain :- f(400000, R), X is R - 399958, writeln(X)."
    ),
    "has a main that is no program": "main(X) :- writeln(X).\n:- initialization((main(42))).",
}
RACKET = {
    "reads a line": "#lang racket\n(displayln (* 2 (string->number (read-line))))",
    "has a main module": "#lang racket/base\n(module+ main (displayln 42))",
    "recurses deep": "#lang racket\n(define (f n) (if (= n 0) 0 (+ 1 (f (- n 1)))))\n(displayln (- (f 400000) 399958))",
    "has threads": "#lang racket\n(define c (make-channel))\n(void (thread (λ () (channel-put c 42))))\n(displayln (channel-get c))",
}
ELIXIR = {
    "reads its lines": "IO.stream(:stdio, :line) |> Enum.each(&IO.puts(String.to_integer(String.trim(&1)) * 2))",
    "reads all": "IO.read(:stdio, :all) |> String.trim() |> String.to_integer() |> Kernel.*(2) |> IO.puts()",
    "has processes": (
        "parent = self()\nfor _ <- 1..42, do: spawn(fn -> send(parent, 1) end)\n"
        "IO.puts(Enum.sum(for _ <- 1..42, do: receive(do: (n -> n))))"
    ),
    "recurses deep": (
        "defmodule M do\n  def f(0), do: 0\n  def f(n), do: 1 + f(n - 1)\nend\nIO.puts(M.f(400_000) - 399_958)"
    ),
    "writes another script": 'IO.puts(String.length("日本") * 21)',
}
SQL = {
    "reads its input as a file": "SELECT CAST(readfile('/dev/stdin') AS INTEGER) * 2;",
    "has common table expressions": (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 42) SELECT count(*) FROM n;"
    ),
    "has triggers": (
        "CREATE TABLE a(x); CREATE TABLE b(y);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO b VALUES (new.x * 2);"
        " END;\nINSERT INTO a VALUES (21);\nSELECT y FROM b;"
    ),
    "lacks the last semicolon": "-- the answer\nSELECT 42",
}
NASM = {
    "starts by itself": (
        "section .data\ns: db '42', 10\nsection .text\nglobal _start\n_start: mov rax, 1\nmov rdi, 1\nmov rsi, s\n"
        "mov rdx, 3\nsyscall\nmov rax, 60\nxor rdi, rdi\nsyscall"
    ),
    "has a C library without a main": (
        "extern puts, exit\nglobal _start\nsection .data\ns: db '42', 0\nsection .text\n_start: mov rdi, s\ncall puts\n"
        "xor edi, edi\ncall exit"
    ),
}
OCTAVE = {
    "reads a number": "n = input('');\nprintf('%d\\n', n * 2);",
    "reads a line": "n = str2num(fgetl(stdin));\ndisp(n * 2)",
    "has functions": "1;\nfunction y = twice(x)\n  y = 2 * x;\nend\ndisp(twice(fscanf(stdin, '%d')))",
    "ends by itself": "disp(42)\nexit(0)",
}
MORE_PROGRAMS: Mapping[str, Mapping[str, str]] = {
    "typescript": TYPESCRIPT,
    "go": GO,
    "rust": RUST,
    "csharp": CSHARP,
    "kotlin": KOTLIN,
    "scala": SCALA,
    "ruby": RUBY,
    "php": PHP,
    "perl": PERL,
    "lua": LUA,
    "bash": BASH,
    "haskell": HASKELL,
    "ocaml": OCAML,
    "r": R,
    "pascal": PASCAL,
    "d": D,
    "fortran": FORTRAN,
    "lisp": LISP,
    "prolog": PROLOG,
    "racket": RACKET,
    "elixir": ELIXIR,
    "sql": SQL,
    "nasm": NASM,
    "octave": OCTAVE,
}
