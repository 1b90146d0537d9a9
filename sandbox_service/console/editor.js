// A textarea for programs: line numbers, indentation, and a way out by keyboard.

import { say } from "./dom.js";

const INDENT = "    ";

export class Editor {
  constructor(textarea, gutter) {
    this.textarea = textarea;
    this.gutter = gutter;
    this.leaving = false;
    textarea.addEventListener("input", () => this.number());
    textarea.addEventListener("scroll", () => (gutter.scrollTop = textarea.scrollTop));
    textarea.addEventListener("keydown", (event) => this.key(event));
    textarea.addEventListener("blur", () => (this.leaving = false));
  }

  get text() {
    return this.textarea.value;
  }

  set text(text) {
    this.textarea.value = text;
    this.textarea.setSelectionRange(0, 0);
    this.textarea.scrollTop = this.textarea.scrollLeft = 0;
    this.number();
  }

  number() {
    const lines = this.textarea.value.split("\n").length;
    say(this.gutter, Array.from({ length: lines }, (_, index) => index + 1).join("\n"));
  }

  key(event) {
    if (event.key === "Tab" && !event.ctrlKey && !event.altKey && !event.metaKey) {
      if (this.leaving) return;
      event.preventDefault();
      if (event.shiftKey || this.spansLines()) this.shift(event.shiftKey ? -1 : 1);
      else this.insert(INDENT);
    } else if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing) {
      event.preventDefault();
      this.insert(`\n${this.indentation()}`);
    }
    this.leaving = event.key === "Escape" || (this.leaving && event.key === "Shift");
  }

  insert(text) {
    // The only way that leaves the browser's undo whole.
    if (!document.execCommand("insertText", false, text)) {
      this.textarea.setRangeText(text, this.textarea.selectionStart, this.textarea.selectionEnd, "end");
    }
    this.number();
  }

  indentation() {
    const { value, selectionStart } = this.textarea;
    const line = value.slice(value.lastIndexOf("\n", selectionStart - 1) + 1, selectionStart);
    return line.match(/^[ \t]*/)[0];
  }

  spansLines() {
    const { value, selectionStart, selectionEnd } = this.textarea;
    return value.slice(selectionStart, selectionEnd).includes("\n");
  }

  shift(direction) {
    const { value, selectionStart, selectionEnd } = this.textarea;
    const start = value.lastIndexOf("\n", selectionStart - 1) + 1;
    const next = value.indexOf("\n", Math.max(selectionEnd - 1, start));
    const end = next < 0 ? value.length : next;
    const lines = value.slice(start, end).split("\n");
    const shifted = lines.map((line) => (direction > 0 ? INDENT + line : line.replace(/^(\t| {1,4})/, ""))).join("\n");
    this.textarea.setSelectionRange(start, end);
    this.insert(shifted);
    this.textarea.setSelectionRange(start, start + shifted.length);
  }
}
