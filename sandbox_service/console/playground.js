// Sends what stands in the form to be judged.

import { ask } from "./api.js";
import { command } from "./curl.js";
import { $, make, say, words } from "./dom.js";
import { Editor } from "./editor.js";
import { withKey } from "./keys.js";
import { details, summary } from "./results.js";

const RETURNED_OUTPUT_BYTES = 65536;
const MIB = 1048576;

let languages = [];
let examples = [];
let editor;
let filled = ""; // the example in the editor, as long as nobody changed it

export async function open() {
  editor = new Editor($("source"), $("gutter"));
  const [catalogue, playground] = await withKey(() => Promise.all([ask("v1/languages"), ask("v1/console/playground")]));
  languages = catalogue.languages.filter((language) => language.workers.length > 0);
  examples = playground.examples;
  say("version", playground.version);
  fill($("language"), languages.map((language) => [language.name, language.title]));
  fill($("checker"), Object.keys(playground.checkers).map((name) => [name, name]), "tokens");
  $("checker").addEventListener("change", () => say("checker-note", playground.checkers[$("checker").value]));
  $("checker").dispatchEvent(new Event("change"));
  const { cpu_seconds: cpuSeconds, memory_bytes: memoryBytes } = playground.problem.limits;
  $("cpu-seconds").value = cpuSeconds ?? "";
  $("memory-mib").value = memoryBytes ? memoryBytes / MIB : "";
  for (const test of playground.problem.tests) addTest(test.stdin, test.expected ?? "");
  if (languages.some((language) => language.name === "python")) $("language").value = "python";
  $("language").addEventListener("change", choose);
  $("example").addEventListener("change", () => take($("example").value));
  choose();
  listen();
}

function listen() {
  $("add-test").addEventListener("click", () => addTest("", "").querySelector("textarea").focus());
  $("playground").addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  $("playground").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      run();
    }
  });
  $("curl").addEventListener("click", () => {
    const shown = $("curl-box").toggleAttribute("hidden");
    $("curl").setAttribute("aria-expanded", String(!shown));
    say("curl-text", command(request()));
  });
  $("playground").addEventListener("input", () => {
    if (!$("curl-box").hidden) say("curl-text", command(request()));
  });
  $("copy-curl").addEventListener("click", copy);
  $("playground").addEventListener("input", tellRules);
  tellRules();
}

// ---------------------------------------------------------------- the form

function fill(select, choices, chosen) {
  select.replaceChildren(...choices.map(([value, text]) => make("option", { value, selected: value === chosen }, text)));
}

const language = () => languages.find((each) => each.name === $("language").value);

function choose() {
  const chosen = language();
  if (chosen === undefined) return;
  const own = examples.filter((example) => example.language === chosen.name);
  fill($("example"), own.map((example) => [example.verdict, words(example.verdict)]));
  $("options").replaceChildren(...Object.entries(chosen.options).map(([name, option]) => choice(name, option)));
  $("cpu-seconds").placeholder = chosen.limits.cpu_seconds;
  $("memory-mib").placeholder = Math.floor(chosen.limits.memory_bytes / MIB);
  tellRules();
  if (editor.text === filled) take("accepted");
}

function choice(name, option) {
  const select = make("select", { dataset: { option: name } });
  fill(select, option.choices.map((value) => [value, value]), option.default);
  const title = words(name);
  return make("label", {}, `${title[0].toUpperCase()}${title.slice(1)} `, select);
}

function take(verdict) {
  const example = examples.find((each) => each.language === $("language").value && each.verdict === verdict);
  editor.text = filled = example?.source ?? "";
}

function addTest(stdin, expected) {
  const item = make(
    "li",
    {},
    make("label", {}, "Input", make("textarea", { rows: "2", spellcheck: "false", class: "stdin" })),
    make(
      "label",
      {},
      "Expected output",
      make("textarea", { rows: "2", spellcheck: "false", class: "expected", placeholder: "empty: only run" }),
    ),
    make("button", { type: "button", class: "quiet remove", on: { click: () => remove(item) } }, "Remove"),
  );
  item.querySelector(".stdin").value = stdin;
  item.querySelector(".expected").value = expected;
  $("tests").append(item);
  return item;
}

function remove(item) {
  const next = item.nextElementSibling ?? item.previousElementSibling;
  if (next === null) return; // a problem has at least one test
  item.remove();
  next.querySelector("textarea").focus();
}

function tellRules() {
  const field = (id) => $(id).value || $(id).placeholder;
  say("rules-now", `· ${field("cpu-seconds")} s CPU · ${field("memory-mib")} MiB · ${$("checker").value}`);
}

function request() {
  const tests = [...$("tests").children].map((item) => ({
    stdin: item.querySelector(".stdin").value,
    expected: item.querySelector(".expected").value || null,
  }));
  const limits = {};
  if ($("cpu-seconds").value) limits.cpu_seconds = Number($("cpu-seconds").value);
  if ($("memory-mib").value) limits.memory_bytes = Math.round(Number($("memory-mib").value) * MIB);
  const options = {};
  for (const select of $("options").querySelectorAll("select")) options[select.dataset.option] = select.value;
  return {
    problem: { tests, limits, checker: $("checker").value },
    submissions: [{ id: "playground", language: $("language").value, source: editor.text, options }],
    stop_on_failure: $("stop-on-failure").checked,
    returned_output_bytes: RETURNED_OUTPUT_BYTES,
  };
}

// ---------------------------------------------------------------- running it

async function run() {
  if ($("run").getAttribute("aria-disabled") === "true") return;
  const asked = request();
  busy(true);
  try {
    const { judgements } = await withKey(() => ask("v1/judge", asked));
    $("verdict").replaceChildren(summary(judgements[0]));
    $("details").replaceChildren(...details(judgements[0], asked.problem.tests));
  } catch (error) {
    $("verdict").replaceChildren(make("p", { class: "error" }, `Not judged: ${error.message}`));
    $("details").replaceChildren();
  } finally {
    busy(false);
  }
}

function busy(running) {
  // Not disabled: the button would lose the focus.
  $("run").setAttribute("aria-disabled", String(running));
  say("run", running ? "Running…" : "Run");
  $("verdict").parentElement.setAttribute("aria-busy", String(running));
}

async function copy() {
  const text = $("curl-text");
  try {
    await navigator.clipboard.writeText(text.textContent);
    say("copy-curl", "Copied");
    setTimeout(() => say("copy-curl", "Copy"), 2000);
  } catch {
    getSelection().selectAllChildren(text); // clipboards are for secure pages; Ctrl+C does the rest
  }
}
