// Calls a function of a program: the call comes on standard input, the answer goes into the file call.result.
"use strict";
const fs = require("fs");
const vm = require("vm");

const RESULT = fs.openSync("call.result", fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL | fs.constants.O_APPEND, 0o644);
const DEEPEST = 100;
const { parse, stringify } = JSON;
const { isArray } = Array;
const { getPrototypeOf, entries } = Object;
const leave = process.reallyExit.bind(process);

class Unsupported extends Error {}

function answer(kind, text) {
  const body = Buffer.from(text);
  const frame = Buffer.concat([Buffer.from(`${kind} ${body.length}\n`), body]);
  for (let done = 0; done < frame.length; ) done += fs.writeSync(RESULT, frame, done);
  leave(0);
}

// ---------------------------------------------------------------- what LeetCode declares

class ListNode {
  constructor(val, next) {
    this.val = val === undefined ? 0 : val;
    this.next = next === undefined ? null : next;
  }
}

class TreeNode {
  constructor(val, left, right) {
    this.val = val === undefined ? 0 : val;
    this.left = left === undefined ? null : left;
    this.right = right === undefined ? null : right;
  }
}

function listOf(values, Node) {
  let first = null;
  for (const value of [...(values || [])].reverse()) {
    const made = new Node(value);
    made.next = first;
    first = made;
  }
  return first;
}

function treeOf(values, Node) {
  if (!values || !values.length || values[0] === null) return null;
  const nodes = values.map((value) => (value === null ? null : new Node(value)));
  let child = 1;
  for (const parent of nodes) {
    if (child >= nodes.length) break;
    if (!parent) continue;
    parent.left = nodes[child++];
    if (child < nodes.length) parent.right = nodes[child++];
  }
  return nodes[0];
}

function valuesOfList(node) {
  const values = [];
  for (; node; node = node.next) {
    if (values.push(node.val) > 10_000_000) throw new Unsupported("a list of nodes without an end");
  }
  return values;
}

function valuesOfTree(root) {
  const nodes = [root];
  for (let at = 0; at < nodes.length; at++) if (nodes[at]) nodes.push(nodes[at].left, nodes[at].right);
  const values = nodes.map((node) => (node ? node.val : null));
  while (values.length && values[values.length - 1] === null) values.pop();
  return values;
}

/** What the parameters and the answer are said to be, in the declaration or in the comment before it. */
function kindsOf(name, source) {
  const declared = new RegExp(`\\b${name}\\b\\s*(?:=\\s*(?:async\\s*)?(?:function\\b\\s*\\w*\\s*)?)?\\(([^()]*)\\)\\s*(?::\\s*([^={]*))?`).exec(source);
  const commented = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*[^/;{}]{0,80}\\b${name}\\b`).exec(source);
  const said = commented ? [...commented[1].matchAll(/@param\s*\{([^}]*)\}/g)].map((each) => each[1]) : [];
  const answers = commented ? /@returns?\s*\{([^}]*)\}/.exec(commented[1]) : null;
  const typed = declared ? declared[1].split(",").map((each) => each.split(":")[1] || "") : [];
  const kinds = typed.some((each) => each) ? typed : said;
  return { kinds, returns: (declared && declared[2]) || (answers && answers[1]) || "" };
}

function linked(value, kind, classes) {
  if (/\b(ListNode|TreeNode)\b/.test(kind)) {
    const name = /ListNode/.test(kind) ? "ListNode" : "TreeNode";
    const make = name === "ListNode" ? listOf : treeOf;
    if (/\[\]|Array</.test(kind) && isArray(value)) return value.map((each) => make(each, classes[name]));
    return make(value, classes[name]);
  }
  return value;
}

// ---------------------------------------------------------------- plain data

function written(value, depth) {
  switch (typeof value) {
    case "string":
    case "boolean":
      return stringify(value);
    case "undefined":
      return "null";
    case "bigint":
      return value.toString();
    case "number":
      if (Number.isNaN(value)) return '{"$float": "nan"}';
      if (!Number.isFinite(value)) return value < 0 ? '{"$float": "-inf"}' : '{"$float": "inf"}';
      return Number.isInteger(value) ? BigInt(value).toString() : stringify(value);
    case "object":
      return value === null ? "null" : writtenObject(value, depth);
    default:
      throw new Unsupported(typeof value);
  }
}

function writtenObject(value, depth) {
  if (depth === DEEPEST) throw new Unsupported(`containers more than ${DEEPEST} deep`);
  const item = (each) => written(each, depth + 1);
  if (isArray(value) || ArrayBuffer.isView(value)) return `[${Array.from(value, item).join(", ")}]`;
  if (value instanceof Map) return writtenEntries([...value], item);
  if (value instanceof Set) return `{"$set": [${[...value].map(item).join(", ")}]}`;
  const kind = getPrototypeOf(value);
  if (kind === null || kind === Object.prototype) return writtenEntries(entries(value), item);
  const name = String(kind.constructor && kind.constructor.name);
  if (name === "ListNode") return written(valuesOfList(value), depth);
  if (name === "TreeNode") return written(valuesOfTree(value), depth);
  throw new Unsupported(name);
}

function writtenEntries(pairs, item) {
  if (pairs.every(([key]) => typeof key === "string" && !key.startsWith("$"))) {
    return `{${pairs.map(([key, value]) => `${stringify(key)}: ${item(value)}`).join(", ")}}`;
  }
  return `{"$dict": [${pairs.map(([key, value]) => `[${item(key)}, ${item(value)}]`).join(", ")}]}`;
}

// ---------------------------------------------------------------- the call

/** What a name stands for in the program, which may have declared it in any way. */
function valueOf(name) {
  return vm.runInThisContext(`typeof ${name} === "undefined" ? undefined : ${name}`);
}

function found(wanted) {
  const [, owner, name] = /^(?:(\w+)\.)?(\w+)$/.exec(wanted);
  const plain = valueOf(name);
  if (!owner && typeof plain === "function") return plain;
  const Owner = valueOf(owner || "Solution");
  if (typeof Owner !== "function") return typeof plain === "function" ? plain : null;
  const made = new Owner();
  if (typeof made[name] === "function") return made[name].bind(made);
  return typeof Owner[name] === "function" ? Owner[name].bind(Owner) : null;
}

async function serve() {
  const call = parse(fs.readFileSync(0, "utf8"));
  Object.assign(globalThis, { require, module: { exports: {} }, exports: {}, __filename: `${__dirname}/main.js`, __dirname });
  globalThis.exports = globalThis.module.exports;
  const program = fs.readFileSync("main.js", "utf8");
  const source = fs.existsSync("main.ts") ? fs.readFileSync("main.ts", "utf8") : program;
  for (const node of [ListNode, TreeNode]) {
    // A class of the program's own, which would not go beside it, takes the place.
    Object.defineProperty(globalThis, node.name, { value: node, writable: true, configurable: true });
  }
  vm.runInThisContext(program, { filename: "main.js" });
  const callee = found(call.function);
  if (callee === null) answer("missing", call.function);
  const classes = { ListNode: valueOf("ListNode"), TreeNode: valueOf("TreeNode") };
  const { kinds, returns } = kindsOf(call.function.split(".").pop(), source);
  const given = call.arguments.map((value, position) => linked(value, kinds[position] || "", classes));
  let value = await callee(...given);
  let kind = returns;
  if (value === undefined && given.length) [value, kind] = [given[0], kinds[0] || ""];
  if (value === null && /ListNode|TreeNode/.test(kind)) value = [];
  try {
    answer("returned", written(value, 0));
  } catch (error) {
    if (error instanceof Unsupported) answer("unsupported", error.message);
    throw error;
  }
}

serve().catch((error) => {
  console.error(error);
  leave(1);
});
