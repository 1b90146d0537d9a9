// Sends what stands in the form to be judged.

import { ask } from "./api.js";
import { command } from "./curl.js";
import { $, make, say, words } from "./dom.js";
import { Editor } from "./editor.js";
import { withKey } from "./keys.js";
import { details, summary } from "./results.js";
import { addTest, asked, fillTests, firstTest, kind, readTests, start } from "./tests.js";

const RETURNED_OUTPUT_BYTES = 65536;
const KIB = 1024;
const MIB = 1048576;
// The field of each limit, and how many of the limit's own unit one of the field's is.
const LIMITS = {
  cpu_seconds: ["cpu-seconds", 1],
  wall_seconds: ["wall-seconds", 1],
  memory_bytes: ["memory-mib", MIB],
  output_bytes: ["output-kib", KIB],
  processes: ["processes", 1],
};

let languages = [];
let examples = [];
let editor;
let filled = ""; // the example in the editor, as long as nobody changed it
let problem; // what the examples solve

export async function open() {
  editor ??= new Editor($("source"), $("gutter"));
  const [catalogue, playground] = await withKey(() => Promise.all([ask("v1/languages"), ask("v1/console/playground")]));
  languages = catalogue.languages.filter((language) => language.workers.length > 0);
  if (languages.length === 0) throw new Error("no worker lives that could run a program");
  problem = playground.problem;
  examples = playground.examples;
  say("version", playground.version);
  fill($("language"), languages.map((language) => [language.name, language.title]));
  fill($("checker"), Object.keys(playground.checkers).map((name) => [name, name]), "tokens");
  $("checker").addEventListener("change", () => say("checker-note", playground.checkers[$("checker").value]));
  $("checker").dispatchEvent(new Event("change"));
  for (const [limit, [id, unit]] of Object.entries(LIMITS)) $(id).value = problem.limits[limit] ? problem.limits[limit] / unit : "";
  fillTests(problem.tests);
  if (languages.some((language) => language.name === "python")) $("language").value = "python";
  $("language").addEventListener("change", choose);
  $("example").addEventListener("change", () => take($("example").value));
  choose();
  listen();
}

function listen() {
  $("add-test").addEventListener("click", () => addTest().querySelector("textarea").focus());
  $("kind").addEventListener("change", changeKind);
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
    const hidden = $("curl-box").toggleAttribute("hidden");
    $("curl").setAttribute("aria-expanded", String(!hidden));
    tellCommand();
  });
  for (const event of ["input", "click"]) $("playground").addEventListener(event, tellCommand);
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
  for (const [limit, [id, unit]] of Object.entries(LIMITS)) {
    const own = chosen.limits[limit] / unit;
    $(id).placeholder = unit === 1 ? own : Math.floor(own);
  }
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
  editor.text = filled = start($("language").value) ?? example?.source ?? "";
}

function changeKind() {
  fillTests(kind() === "stdin" ? problem.tests : [firstTest()]);
  const ofPrograms = kind() === "stdin";
  $("checker").disabled = $("example").disabled = !ofPrograms;
  $("checker-note").hidden = !ofPrograms;
  if (editor.text === filled) take("accepted");
  tellRules();
}

function tellRules() {
  const field = (id) => $(id).value || $(id).placeholder;
  const checker = kind() === "stdin" ? ` · ${$("checker").value}` : "";
  say("rules-now", `· ${field("cpu-seconds")} s CPU · ${field("memory-mib")} MiB${checker}`);
}

function tellCommand() {
  if ($("curl-box").hidden) return;
  try {
    say("curl-text", command(request()));
  } catch (error) {
    say("curl-text", error.message);
  }
}

function request() {
  const limits = {};
  for (const [limit, [id, unit]] of Object.entries(LIMITS)) {
    const value = Number($(id).value);
    if ($(id).value) limits[limit] = limit.endsWith("seconds") ? value : Math.round(value * unit);
  }
  const options = {};
  for (const select of $("options").querySelectorAll("select")) options[select.dataset.option] = select.value;
  const problem = { tests: readTests(), limits };
  if (kind() === "stdin") problem.checker = $("checker").value;
  return {
    problem,
    submissions: [{ id: "playground", language: $("language").value, source: editor.text, options }],
    stop_on_failure: $("stop-on-failure").checked,
    returned_output_bytes: RETURNED_OUTPUT_BYTES,
  };
}

// ---------------------------------------------------------------- running it

async function run() {
  if ($("run").getAttribute("aria-disabled") === "true") return;
  busy(true);
  try {
    const wanted = request();
    const { judgements } = await withKey(() => ask("v1/judge", wanted));
    $("verdict").replaceChildren(summary(judgements[0]));
    $("details").replaceChildren(...details(judgements[0], wanted.problem.tests, asked));
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
