// Keeps the queue, the workers and the latest judgements up to date while somebody looks.

import { ask } from "./api.js";
import { $, badge, bytes, count, ending, make, say, seconds, words } from "./dom.js";
import { withKey } from "./keys.js";

const EVERY_MS = 1000;
const POINTS = 60;
const RATE_POINTS = 5;

const KINDS = { stdin: "input, output", call: "calls", assertions: "assertions" };

const queued = [];
const history = [];

export async function follow() {
  for (;;) {
    if (document.visibilityState === "visible") {
      try {
        show(await withKey(() => ask("v1/console/now")));
        connected(true, "connected");
      } catch (error) {
        connected(false, error.message);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}

let heardAt = null;

function connected(well, text) {
  if (well) heardAt = new Date();
  $("connection").dataset.well = String(well);
  say("connection", well ? text : "not connected");
  $("away").hidden = well;
  const since = heardAt ? ` What is shown is from ${heardAt.toLocaleTimeString("en-GB")}.` : "";
  say("away", well ? "" : `${text[0].toUpperCase()}${text.slice(1)}.${since} This page tries again every second.`);
}

function show(now) {
  history.push({ at: performance.now(), submissions: now.judged_submissions, tests: now.run_tests });
  while (history.length > RATE_POINTS + 1) history.shift();
  say("queued", count(now.queued));
  $("queued").title = `of at most ${count(now.maximum_queued)}`;
  draw(now.queued);
  const busy = now.workers.filter((worker) => worker.judging !== null).length;
  say("slots", `${busy} / ${now.workers.length}`);
  $("slots-meter").value = now.workers.length ? busy / now.workers.length : 0;
  say("submission-rate", rate("submissions"));
  say("test-rate", rate("tests"));
  say("submissions", `${count(now.judged_submissions)} in all`);
  say("tests-run", `${count(now.run_tests)} in all`);
  isolation(now.workers);
  workers(now.workers);
  judgements(now.judgements);
}

function rate(name) {
  const [first, last] = [history[0], history.at(-1)];
  const passed = (last.at - first.at) / 1000;
  if (passed < 0.5) return "–";
  const found = Math.max(last[name] - first[name], 0) / passed;
  return found === 0 || found >= 10 ? count(found) : found.toFixed(1);
}

function draw(value) {
  queued.push(value);
  if (queued.length > POINTS) queued.shift();
  const most = Math.max(...queued, 1);
  const points = queued.map((each, index) => {
    const x = 120 - (queued.length - 1 - index) * (120 / (POINTS - 1));
    return `${x.toFixed(1)},${(26 - (24 * each) / most).toFixed(1)}`;
  });
  $("queue-line").firstElementChild.setAttribute("d", `M${points.join("L")}`);
}

function isolation(living) {
  const tiers = [...new Set(living.map((worker) => worker.isolation))];
  say("isolation", tiers.join(", ") || "–");
  $("isolation").dataset.tier = tiers.includes("unsafe") ? "unsafe" : "";
  say("isolation-note", living.length === 1 ? "at 1 worker" : `at ${living.length} workers`);
}

function workers(living) {
  $("workers").replaceChildren(
    ...living.map((worker) =>
      make(
        "tr",
        {},
        make("td", { class: "code" }, worker.id),
        make("td", {}, worker.lane || "–"),
        make("td", {}, make("span", { class: "state", dataset: { busy: String(worker.judging !== null) } }, worker.judging === null ? "idle" : "judging")),
        make("td", { class: "code" }, worker.judging ?? "–"),
        make("td", {}, worker.isolation),
        make("td", { class: "number" }, String(worker.languages)),
      ),
    ),
  );
  $("no-workers").hidden = living.length > 0;
}

// ---------------------------------------------------------------- judgements

function judgements(latest) {
  const body = $("recent");
  const known = new Map([...body.querySelectorAll("tr[data-number]")].map((row) => [Number(row.dataset.number), row]));
  const numbers = new Set(latest.map((judgement) => judgement.number));
  for (const [number, row] of known) {
    if (numbers.has(number)) continue;
    if (row.nextElementSibling?.matches(".more")) row.nextElementSibling.remove();
    row.remove();
  }
  // Rows that are there stay as they are: one may be open, or hold the focus.
  for (const judgement of [...latest].reverse()) {
    if (!known.has(judgement.number)) body.prepend(line(judgement));
  }
  $("no-recent").hidden = latest.length > 0;
}

function line(judgement) {
  const time = new Date(judgement.seen_at * 1000).toLocaleTimeString("en-GB");
  const name = `${time}, tests of ${judgement.submission}`;
  const open = make("button", { type: "button", class: "row", "aria-expanded": "false", "aria-label": name, on: { click: () => toggle(row, judgement.number) } }, time);
  const row = make(
    "tr",
    { dataset: { number: judgement.number } },
    make("td", {}, open),
    make("td", {}, badge(judgement.verdict)),
    make("td", {}, judgement.language),
    make("td", { class: "wide" }, KINDS[judgement.kind]),
    make("td", { class: "code name", title: judgement.submission }, judgement.submission),
    make("td", { class: "code wide" }, judgement.job),
    make("td", { class: "number" }, `${judgement.passed} / ${judgement.total}`),
    make("td", { class: "number" }, judgement.memory_bytes ? seconds(judgement.cpu_seconds) : "–"),
    make("td", { class: "number" }, judgement.memory_bytes ? bytes(judgement.memory_bytes) : "–"),
    make("td", { class: "number wide" }, judgement.reward === null ? "–" : String(Math.round(judgement.reward * 1000) / 1000)),
  );
  return row;
}

async function toggle(row, number) {
  const button = row.querySelector("button");
  const shown = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!shown));
  if (shown) {
    row.nextElementSibling?.matches(".more") && row.nextElementSibling.remove();
    return;
  }
  let content;
  try {
    content = tests(await withKey(() => ask(`v1/console/judgements/${number}`)));
  } catch (error) {
    content = make("p", { class: "error" }, error.message);
  }
  if (button.getAttribute("aria-expanded") === "true") {
    row.after(make("tr", { class: "more" }, make("td", { colspan: "10" }, content)));
  }
}

function tests(judgement) {
  const left = judgement.total - judgement.tests.length;
  return make(
    "div",
    {},
    judgement.reason ? make("p", { class: "reason" }, judgement.reason) : null,
    judgement.tests.length ? table(judgement) : make("p", { class: "empty" }, "No test was run."),
    left > 0 && judgement.tests.length ? make("p", { class: "help" }, `${left} more tests were not run or are not kept here.`) : null,
  );
}

function table({ submission, tests: results }) {
  const heads = ["Test", "Verdict", "CPU", "Wall", "Memory", "Ended", "Remarks"];
  const classes = ["", "", "number", "number", "number", "number", ""];
  return make(
    "table",
    { class: "inner", "aria-label": `Tests of ${submission}` },
    make("thead", {}, make("tr", {}, ...heads.map((head, index) => make("th", { scope: "col", class: classes[index] }, head)))),
    make(
      "tbody",
      {},
      ...results.map((result, index) =>
        make(
          "tr",
          {},
          make("td", {}, String(index + 1)),
          make("td", {}, badge(result.verdict)),
          make("td", { class: "number" }, seconds(result.cpu_seconds)),
          make("td", { class: "number" }, seconds(result.wall_seconds)),
          make("td", { class: "number" }, bytes(result.memory_bytes)),
          make("td", { class: "number" }, ending(result)),
          make("td", {}, remarks(result)),
        ),
      ),
    ),
  );
}

function remarks({ reason, guarantee, skipped, score }) {
  const said = [];
  if (skipped) said.push("not run");
  if (reason) said.push(words(reason));
  if (guarantee) said.push(`rests on ${words(guarantee)}`);
  if (score > 0 && score < 1) said.push(`score ${Math.round(score * 1000) / 1000}`);
  return said.join(" · ");
}
