// Shows a judgement: the verdict, what the compiler said, and each test with what the program printed.

import { badge, bytes, ending, make, say, seconds, words } from "./dom.js";

export function summary(judgement) {
  const facts = [`${judgement.passed} of ${judgement.total} tests passed`];
  if (judgement.results.length) {
    facts.push(`${seconds(sum(judgement.results, "cpu_seconds"))} CPU`);
    facts.push(bytes(Math.max(...judgement.results.map((result) => result.memory_bytes))));
  }
  if (judgement.isolation) facts.push(`isolation: ${judgement.isolation}`);
  return make(
    "div",
    { class: "summary" },
    badge(judgement.verdict),
    make("p", {}, facts.join(" · ")),
    judgement.reason ? make("p", { class: "reason" }, judgement.reason) : null,
  );
}

// ``asked`` says of a test and its result what was asked and what came of it.
export function details(judgement, tests, asked) {
  const parts = [];
  const log = judgement.compilation?.log;
  if (log) parts.push(output("What the compiler said", log, judgement.compilation.log_truncated));
  const failed = judgement.results.findIndex((result) => result.verdict !== "accepted");
  judgement.results.forEach((result, index) => {
    parts.push(test(result, asked(tests[index] ?? {}, result), index, index === Math.max(failed, 0)));
  });
  return parts;
}

function test(result, boxes, index, open) {
  if (result.stderr) boxes.push(full(output("Standard error", result.stderr, result.stderr_truncated)));
  return make(
    "details",
    { class: "test-result", open },
    make(
      "summary",
      {},
      make("span", { class: "name" }, `Test ${index + 1}`),
      badge(result.verdict),
      make(
        "span",
        { class: "facts" },
        make("span", {}, `${seconds(result.cpu_seconds)} CPU`),
        make("span", {}, `${seconds(result.wall_seconds)} wall`),
        make("span", {}, bytes(result.memory_bytes)),
        make("span", {}, ending(result)),
      ),
    ),
    why(result),
    make("div", { class: "outputs" }, ...boxes),
  );
}

// What the verdict does not tell: what was wrong, and what a pass by test code rests on.
function why(result) {
  const said = [];
  if (result.reason) said.push(words(result.reason));
  if (result.guarantee) said.push(`rests on: ${words(result.guarantee)}`);
  if (result.skipped) said.push("not run: its group had failed");
  return said.length ? make("p", { class: "reason" }, said.join(" · ")) : null;
}

export function output(title, text, truncated = false) {
  return make(
    "figure",
    { class: "output" },
    make("figcaption", {}, title, truncated ? make("span", { class: "cut" }, "cut off") : null, text ? copier(title, text) : null),
    text === ""
      ? make("p", { class: "empty" }, "nothing")
      : make("pre", { tabindex: "0", role: "region", "aria-label": title }, text),
  );
}

// In a row of its own.
export function full(figure) {
  figure.classList.add("full");
  return figure;
}

function copier(title, text) {
  const button = make("button", { type: "button", class: "copy", "aria-label": `Copy: ${title}`, on: { click: copy } }, "Copy");
  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      say(button, "Copied");
      setTimeout(() => say(button, "Copy"), 2000);
    } catch {
      getSelection().selectAllChildren(button.closest("figure").querySelector("pre")); // Ctrl+C does the rest
    }
  }
  return button;
}

const sum = (results, name) => results.reduce((total, result) => total + result[name], 0);
