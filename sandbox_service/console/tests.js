// The tests of the form: what each kind asks for, how it is written as a request, and how its answer is shown.

import { $, make, say } from "./dom.js";
import { full, output } from "./results.js";

const json = (text, what) => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${what} must be JSON, such as 9, "text" or [1, 2]: ${text.slice(0, 60) || "nothing"}`);
  }
};

const KINDS = {
  stdin: {
    fields: { stdin: "Input", expected: "Expected output" },
    notes: { expected: "empty: only run" },
    first: {},
    read: ({ stdin, expected }) => ({ stdin, expected: expected || null }),
  },
  call: {
    fields: { call: "Function", arguments: "Arguments, a JSON array", expected: "Expected answer, JSON" },
    notes: { expected: "empty: only run" },
    first: { call: "square", arguments: "[12]", expected: "144" },
    read: ({ call, arguments: given, expected }) => ({
      call: { function: call.trim(), arguments: json(given || "[]", "the arguments") },
      ...(expected.trim() ? { expected: json(expected, "the expected answer") } : {}),
    }),
  },
  assertions: {
    fields: { assertions: "Test code" },
    notes: {},
    first: { assertions: "assert square(3) == 9\nassert square(12) == 144" },
    read: ({ assertions }) => ({ assertions }),
  },
};

// What a program of each kind looks like, where the examples do not show it.
const STARTS = { call: "def square(n):\n    return n * n\n", assertions: "def square(n):\n    return n * n\n" };

export const kind = () => $("kind").value;

export const start = (language) => (["python", "pypy"].includes(language) ? STARTS[kind()] : undefined);

export function fillTests(tests) {
  $("tests").replaceChildren();
  for (const test of tests) addTest(test);
}

export const firstTest = () => KINDS[kind()].first;

export function addTest(values = {}) {
  const { fields, notes } = KINDS[kind()];
  const boxes = Object.entries(fields).map(([name, title]) => {
    const rows = name === "assertions" ? "5" : "2";
    const box = make("textarea", { rows, spellcheck: "false", class: name, dataset: { field: name }, placeholder: notes[name] });
    box.value = values[name] ?? "";
    return make("label", {}, title, box);
  });
  const button = make("button", { type: "button", class: "quiet remove", on: { click: () => remove(item) } }, "Remove");
  const item = make("li", { class: kind() }, ...boxes, button);
  $("tests").append(item);
  number();
  return item;
}

function remove(item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  if (next === null) return; // a problem has at least one test
  item.remove();
  number();
  next.querySelector("textarea").focus();
}

function number() {
  const items = [...$("tests").children];
  items.forEach((item, index) => {
    item.setAttribute("aria-label", `Test ${index + 1}`);
    const button = item.querySelector(".remove");
    button.setAttribute("aria-label", `Remove test ${index + 1}`);
    button.disabled = items.length === 1;
  });
  say("tests-title", items.length === 1 ? "1 test" : `${items.length} tests`);
}

export function readTests() {
  return [...$("tests").children].map((item) => {
    const boxes = [...item.querySelectorAll("[data-field]")];
    return KINDS[kind()].read(Object.fromEntries(boxes.map((box) => [box.dataset.field, box.value])));
  });
}

// ---------------------------------------------------------------- answers

// What was asked and what came of it, as boxes of text.
export function asked(test, result) {
  if (test.call) return ofCall(test, result);
  const printed = output("Standard output", result.stdout, result.stdout_truncated);
  if (test.assertions !== undefined) {
    const said = result.detail ? [full(output("What the test code said", result.detail))] : [];
    return [full(output("Test code", test.assertions)), ...said, ...(result.stdout ? [printed] : [])];
  }
  const expected = test.expected ?? null;
  return [output("Input", test.stdin ?? ""), ...(expected === null ? [] : [output("Expected", expected)]), printed];
}

function ofCall({ call, expected }, result) {
  const given = call.arguments.map((value) => JSON.stringify(value)).join(", ");
  const boxes = [output("Call", `${call.function}(${given})`)];
  if (expected !== undefined) boxes.push(output("Expected", JSON.stringify(expected)));
  boxes.push(output("Answer", result.returned ?? "", result.returned_truncated));
  if (result.stdout) boxes.push(output("Standard output", result.stdout, result.stdout_truncated));
  return boxes;
}
