// Shows a judgement: the verdict, what the compiler said, and each test with what the program printed.

import { badge, bytes, ending, make, seconds } from "./dom.js";

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

export function details(judgement, tests) {
  const parts = [];
  const log = judgement.compilation?.log;
  if (log) parts.push(output("What the compiler said", log, judgement.compilation.log_truncated));
  const failed = judgement.results.findIndex((result) => result.verdict !== "accepted");
  judgement.results.forEach((result, index) => {
    parts.push(test(result, tests[index] ?? {}, index, index === Math.max(failed, 0)));
  });
  return parts;
}

function test(result, { stdin = "", expected = null }, index, open) {
  const boxes = [output("Input", stdin), output("Standard output", result.stdout, result.stdout_truncated)];
  if (expected !== null) boxes.splice(1, 0, output("Expected", expected));
  if (result.stderr) boxes.push(output("Standard error", result.stderr, result.stderr_truncated));
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
    make("div", { class: "outputs" }, ...boxes),
  );
}

function output(title, text, truncated = false) {
  return make(
    "figure",
    { class: "output" },
    make("figcaption", {}, title, truncated ? make("span", { class: "cut" }, "cut off") : null),
    text === ""
      ? make("p", { class: "empty" }, "nothing")
      : make("pre", { tabindex: "0", "aria-label": title }, text),
  );
}

const sum = (results, name) => results.reduce((total, result) => total + result[name], 0);
