"""Functions called in every language that has a way to, over one set of conventions."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from sandbox_service.compilers import Compiler
from sandbox_service.models import Judgement, Verdict
from sandbox_service.sandboxes import Boxes
from sandbox_service.sandboxes.unsafe import UnsafeBox
from tests.runners.calling import RUNNERS, call, judged

LANGUAGES = [name for name, runner in RUNNERS.items() if runner.call is not None]

# Each program: the same functions, as its language has them.
PROGRAMS: Mapping[str, str] = {
    "python": """
class Solution:
    def total(self, numbers: List[int], start: int) -> int: return sum(numbers) + start
    def half(self, n: int) -> float: return n / 2
    def shout(self, text: str) -> List[str]: print("shouting"); return [text.upper(), text]
    def flip(self, flag: bool) -> bool: return not flag
    def mark(self, board: List[List[str]]) -> None: board[0][0] = "x"
    def rest(self, head: Optional[ListNode]) -> Optional[ListNode]: return head and head.next
    def left(self, root: Optional[TreeNode]) -> Optional[TreeNode]: return root.left
    def heads(self, lists: List[Optional[ListNode]]) -> List[int]: return [each.val for each in lists]
    def leave(self) -> int: import os; os._exit(0)
    def fail(self) -> int: return 1 // 0
""",
    "cpp": """
class Solution {
public:
    int total(vector<int>& numbers, int start) { return accumulate(numbers.begin(), numbers.end(), start); }
    double half(int n) { return n / 2.0; }
    vector<string> shout(string text) { cout << "shouting" << endl; string loud = text; for (auto& c : loud) c = toupper(c); return {loud, text}; }
    bool flip(bool flag) const { return !flag; }
    void mark(vector<vector<char>>& board) { board[0][0] = 'x'; }
    ListNode* rest(ListNode* head) { return head ? head->next : nullptr; }
    TreeNode* left(TreeNode* root) { return root->left; }
    vector<int> heads(vector<ListNode*>& lists) { vector<int> v; for (auto* each : lists) v.push_back(each->val); return v; }
    int leave() { exit(0); }
    int fail() { throw runtime_error("boo"); }
};
""",
    "java": """
class Solution {
    public int total(int[] numbers, int start) { return IntStream.of(numbers).sum() + start; }
    public double half(int n) { return n / 2.0; }
    public List<String> shout(String text) { System.out.println("shouting"); return Arrays.asList(text.toUpperCase(), text); }
    public boolean flip(boolean flag) { return !flag; }
    public void mark(char[][] board) { board[0][0] = 'x'; }
    public ListNode rest(ListNode head) { return head == null ? null : head.next; }
    public TreeNode left(TreeNode root) { return root.left; }
    public int[] heads(ListNode[] lists) { return Stream.of(lists).mapToInt(each -> each.val).toArray(); }
    public int leave() { System.exit(0); return 0; }
    public int fail() { return 1 / (1 - 1); }
}
""",
    "go": """
func total(numbers []int, start int) int { for _, n := range numbers { start += n }; return start }
func half(n int) float64 { return float64(n) / 2 }
func shout(text string) []string { fmt.Println("shouting"); return []string{strings.ToUpper(text), text} }
func flip(flag bool) bool { return !flag }
func mark(board [][]byte) { board[0][0] = 'x' }
func rest(head *ListNode) *ListNode { if head == nil { return nil }; return head.Next }
func left(root *TreeNode) *TreeNode { return root.Left }
func heads(lists []*ListNode) (v []int) { for _, each := range lists { v = append(v, each.Val) }; return }
func leave() int { os.Exit(0); return 0 }
func fail() int { panic("boo") }
""",
    "javascript": """
var total = function(numbers, start) { return numbers.reduce((a, b) => a + b, start); };
const half = (n) => n / 2;
function shout(text) { console.log("shouting"); return [text.toUpperCase(), text]; }
let flip = (flag) => !flag;
/** @param {character[][]} board @return {void} */
var mark = function(board) { board[0][0] = "x"; };
/**
 * @param {ListNode} head
 * @return {ListNode}
 */
var rest = function(head) { return head && head.next; };
/** @param {TreeNode} root @return {TreeNode} */
var left = function(root) { return root.left; };
/** @param {ListNode[]} lists @return {number[]} */
const heads = (lists) => lists.map((each) => each.val);
var leave = () => process.exit(0);
var fail = () => { throw new Error("boo"); };
""",
    "typescript": """
function total(numbers: number[], start: number): number { return numbers.reduce((a, b) => a + b, start); }
const half = (n: number): number => n / 2;
function shout(text: string): string[] { console.log("shouting"); return [text.toUpperCase(), text]; }
export function flip(flag: boolean): boolean { return !flag; }
function mark(board: string[][]): void { board[0][0] = "x"; }
function rest(head: ListNode | null): ListNode | null { return head && head.next; }
function left(root: TreeNode | null): TreeNode | null { return root!.left; }
function heads(lists: Array<ListNode | null>): number[] { return lists.map((each) => each!.val); }
function leave(): number { return process.exit(0); }
function fail(): number { throw new Error("boo"); }
""",
}

TESTS = {
    "numbers": call("total", [1, 2, 3], 10, expected=16),
    "no numbers": call("total", [], 0, expected=0),
    "half": call("half", 5, expected=2.5),
    "a whole half": call("half", 4, expected=2.0),
    "texts": call("shout", 'a"b\\\n', expected=['A"B\\\n', 'a"b\\\n']),
    "text of another script": call("shout", "日本😀", expected=["日本😀", "日本😀"]),
    "booleans": call("flip", True, expected=False),
    "what answers nothing changes its argument": call("mark", [["a", "b"]], expected=[["x", "b"]]),
    "lists of nodes": call("rest", [1, 2, 3], expected=[2, 3]),
    "an empty list of nodes": call("rest", [], expected=[]),
    "trees": call("left", [1, 2, 3, None, 4], expected=[2, None, 4]),
    "many lists": call("heads", [[1, 2], [3]], expected=[1, 3]),
}


Wanted = tuple[Mapping[str, Any], Verdict, str | None]
OTHERS: dict[str, Wanted] = {
    "a wrong answer": (call("total", [1], 2, expected=4), Verdict.WRONG_ANSWER, None),
    "a program that leaves": (call("leave", expected=0), Verdict.RUNTIME_ERROR, "exited before result"),
    "a program that fails": (call("fail", expected=0), Verdict.RUNTIME_ERROR, None),
    "no such function": (call("nothing", 1, expected=0), Verdict.RUNTIME_ERROR, "signature_mismatch"),
    "no such class": (call("Other.nothing", 1, expected=0), Verdict.RUNTIME_ERROR, "signature_mismatch"),
    "only run": (call("total", [1], 2), Verdict.ACCEPTED, None),
}
MISFITS: dict[str, Wanted] = {
    "a text for a number": (call("total", ["a"], 1, expected=0), Verdict.RUNTIME_ERROR, "signature_mismatch"),
    "too few arguments": (call("total", [1], expected=0), Verdict.RUNTIME_ERROR, "signature_mismatch"),
    "a fraction for an integer": (call("total", [1], 2.5, expected=0), Verdict.RUNTIME_ERROR, "signature_mismatch"),
}
TYPED = frozenset({"cpp", "java", "go"})


@pytest.fixture(scope="module")
def boxes() -> Iterator[Boxes]:
    boxes = Boxes(lambda zygote: UnsafeBox())
    yield boxes
    boxes.close()


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler()


def one(
    boxes: Boxes, compiler: Compiler, language: str, *tests: Mapping[str, Any], source: str = "", whole: bool = False
) -> Judgement:
    return judged(boxes, compiler, language, source or PROGRAMS[language], tests, stop_on_failure=not whole)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_answers_by_the_same_conventions(language: str, boxes: Boxes, compiler: Compiler):
    if missing := RUNNERS[language].missing():
        pytest.skip(f"{language} lacks {', '.join(missing)}")
    wanted: dict[str, Wanted] = {name: (test, Verdict.ACCEPTED, None) for name, test in TESTS.items()}
    wanted |= OTHERS | (MISFITS if language in TYPED else {})

    judgement = one(boxes, compiler, language, *(test for test, _, _ in wanted.values()), whole=True)

    assert judgement.compilation is None or judgement.compilation.succeeded, judgement.compilation.log
    results = dict(zip(wanted, judgement.results, strict=True))
    assert {name: (result.verdict, result.reason) for name, result in results.items()} == {
        name: (verdict, reason) for name, (_, verdict, reason) in wanted.items()
    }
    assert results["a wrong answer"].returned == results["only run"].returned == "3"
    assert (results["texts"].stdout, results["texts"].returned) == ("shouting\n", results["texts"].returned)


def test_lines_are_told_as_they_stand_in_the_program(boxes: Boxes, compiler: Compiler):
    sources = {
        "python": ("def f():\n    return y", 'main.py", line 2'),
        "cpp": ("class Solution { public:\nint f() { return y; } };", "main.cpp:2:"),
        "java": ("class Solution {\nint f() { return y; } }", "Main.java:2:"),
        "go": ("func f() int {\nreturn y }", "main.go:2:"),
        "javascript": ("function f() {\nreturn y; }", "main.js:2:"),
        "typescript": ("function f() {\nreturn y; }", "main.ts(2,"),
    }
    for language, (source, place) in sources.items():
        if RUNNERS[language].missing():
            continue
        judgement = one(boxes, compiler, language, call("f", expected=1), source=source)
        told = "".join(result.stderr for result in judgement.results)
        told += judgement.compilation.log if judgement.compilation else ""

        assert place in told, language


def test_nodes_of_the_program_s_own_take_the_place(boxes: Boxes, compiler: Compiler):
    sources = {
        "python": "class ListNode:\n    def __init__(self, val): self.val, self.next = val, None\ndef rest(h: ListNode) -> ListNode: return h.next",
        "cpp": "struct ListNode { int val; ListNode* next; ListNode(int v) : val(v), next(0) {} };\nListNode* rest(ListNode* h) { return h->next; }",
        "java": "class ListNode { int val; ListNode next; ListNode(int v) { val = v; } }\nclass Solution { ListNode rest(ListNode h) { return h.next; } }",
        "go": "package main\ntype ListNode struct { Val int; Next *ListNode }\nfunc rest(h *ListNode) *ListNode { return h.Next }",
        "javascript": "class ListNode { constructor(v) { this.val = v; this.next = null; } }\n/** @param {ListNode} h */\nfunction rest(h) { return h.next; }",
        "typescript": "class ListNode { next: ListNode | null = null; constructor(public val: number) {} }\nfunction rest(h: ListNode): ListNode | null { return h.next; }",
    }
    for language, source in sources.items():
        if RUNNERS[language].missing():
            continue
        judgement = one(boxes, compiler, language, call("rest", [1, 2], expected=[2]), source=source)

        assert judgement.verdict is Verdict.ACCEPTED, (language, judgement)


def test_an_overloaded_function_is_an_honest_compile_error(boxes: Boxes, compiler: Compiler):
    if RUNNERS["cpp"].missing():
        pytest.skip("cpp is missing")
    source = "class Solution { public: int f(int x) { return 1; } int f(string s) { return 2; } };"

    judgement = one(boxes, compiler, "cpp", call("f", 1, expected=1), source=source)

    assert judgement.verdict is Verdict.COMPILE_ERROR
    assert judgement.compilation is not None
    assert "the function is overloaded" in judgement.compilation.log


def test_a_function_may_stand_alone_or_in_a_class_of_any_name(boxes: Boxes, compiler: Compiler):
    sources = {
        "python": ("def f(n): return n", "class Other:\n    def f(self, n): return n"),
        "cpp": ("int f(int n) { return n; }\nint main() { return 7; }", "struct Other { int f(int n) { return n; } };"),
        "java": (
            "public class Main { static int f(int n) { return n; } public static void main(String[] a) {} }",
            "class Other { int f(int n) { return n; } }",
        ),
        "go": ("func f(n int) int { return n }", "type Other struct{}\nfunc (o *Other) f(n int) int { return n }"),
        "javascript": ("const f = (n) => n", "class Other { f(n) { return n; } }"),
        "typescript": ("const f = (n: number) => n", "class Other { f(n: number) { return n; } }"),
    }
    for language, (alone, in_class) in sources.items():
        if RUNNERS[language].missing():
            continue
        for source, name in ((alone, "f"), (in_class, "Other.f")):
            judgement = one(boxes, compiler, language, call(name, 3, expected=3), source=source)

            assert judgement.verdict is Verdict.ACCEPTED, (language, judgement)


def test_a_python_program_can_do_without_the_prelude(boxes: Boxes, compiler: Compiler):
    source = "def f(n: List[int]): return n"

    with_it = judged(boxes, compiler, "python", source, [call("f", [], expected=[])])
    without = judged(boxes, compiler, "python", source, [call("f", [], expected=[])], options={"prelude": "none"})

    assert with_it.verdict is Verdict.ACCEPTED
    assert without.verdict is Verdict.RUNTIME_ERROR


def test_files_that_are_fetched_come_back_and_the_answer_s_file_does_not(boxes: Boxes, compiler: Compiler):
    source = "def f():\n    open('out.txt', 'w').write('x')\n    return 1"

    result = judged(boxes, compiler, "python", source, [call("f", expected=1)], fetch=["*"]).results[0]

    assert result.verdict is Verdict.ACCEPTED
    assert "out.txt" in result.files
    assert "call.result" not in result.files
