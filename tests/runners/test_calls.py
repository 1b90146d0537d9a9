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


@pytest.fixture(scope="module")
def boxes() -> Iterator[Boxes]:
    boxes = Boxes(lambda zygote: UnsafeBox())
    yield boxes
    boxes.close()


@pytest.fixture(scope="module")
def compiler() -> Compiler:
    return Compiler()


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    if missing := RUNNERS[request.param].missing():
        pytest.skip(f"{request.param} lacks {', '.join(missing)}")
    return str(request.param)


def one(boxes: Boxes, compiler: Compiler, language: str, *tests: Mapping[str, Any], source: str = "") -> Judgement:
    return judged(boxes, compiler, language, source or PROGRAMS[language], tests)


def test_every_language_answers_the_same(language: str, boxes: Boxes, compiler: Compiler):
    judgement = one(boxes, compiler, language, *TESTS.values())

    assert judgement.compilation is None or judgement.compilation.succeeded, judgement.compilation.log
    assert {name: result.verdict for name, result in zip(TESTS, judgement.results, strict=False)} == dict.fromkeys(
        TESTS, Verdict.ACCEPTED
    ), judgement.results[-1]


def test_a_wrong_answer_is_told(language: str, boxes: Boxes, compiler: Compiler):
    judgement = one(boxes, compiler, language, call("total", [1], 2, expected=4))

    assert judgement.verdict is Verdict.WRONG_ANSWER
    assert judgement.results[0].returned == "3"


def test_what_is_printed_stays_what_is_printed(language: str, boxes: Boxes, compiler: Compiler):
    result = one(boxes, compiler, language, call("shout", "a", expected=["A", "a"])).results[0]

    assert (result.stdout, result.returned) == ("shouting\n", '["A", "a"]')


def test_a_program_that_leaves_has_no_answer(language: str, boxes: Boxes, compiler: Compiler):
    judgement = one(boxes, compiler, language, call("leave", expected=0))

    assert (judgement.verdict, judgement.reason) == (Verdict.RUNTIME_ERROR, "exited before result")


def test_a_program_that_fails_has_a_runtime_error(language: str, boxes: Boxes, compiler: Compiler):
    judgement = one(boxes, compiler, language, call("fail", expected=0))

    assert (judgement.verdict, judgement.reason) == (Verdict.RUNTIME_ERROR, None)


def test_a_function_that_is_not_there_is_a_mismatch(language: str, boxes: Boxes, compiler: Compiler):
    for name in ("nothing", "Other.nothing"):
        judgement = one(boxes, compiler, language, call(name, 1, expected=0))

        assert (judgement.verdict, judgement.reason) == (Verdict.RUNTIME_ERROR, "signature_mismatch")


@pytest.mark.parametrize("typed", ["cpp", "java", "go"])
def test_arguments_that_do_not_fit_are_a_mismatch(typed: str, boxes: Boxes, compiler: Compiler):
    if RUNNERS[typed].missing():
        pytest.skip(f"{typed} is missing")
    for arguments in ([["a"], 1], [[1]], [[1], 2**40]):
        judgement = one(boxes, compiler, typed, call("total", *arguments, expected=0))

        if typed != "go" or arguments[-1] != 2**40:  # whose int is as wide
            assert (judgement.verdict, judgement.reason) == (Verdict.RUNTIME_ERROR, "signature_mismatch")


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
