// A request as a command for a shell.

import { hasKey } from "./api.js";

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

export function command(request) {
  const url = new URL("v1/judge", document.baseURI).href;
  const lines = [`curl -s ${quoted(url)}`, `-H 'Content-Type: application/json'`];
  if (hasKey()) lines.push(`-H "Authorization: Bearer $SANDBOX_API_KEY"`); // a key does not belong on a clipboard
  lines.push(`-d ${quoted(JSON.stringify(request))}`);
  return lines.join(" \\\n  ");
}
