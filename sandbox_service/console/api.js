// Asks the service, with the key where one is wanted.

const KEY = "sandbox-key";

export class Refused extends Error {
  constructor(status, { message, field }) {
    super(message);
    this.status = status;
    this.field = field;
  }
}

export const hasKey = () => read() !== null;

function read() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return memory; // storage may be switched off
  }
}

let memory = null;

export function keep(key) {
  memory = key;
  try {
    if (key === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, key);
  } catch {} // then it lasts until the page is loaded again
}

export async function ask(path, body) {
  const headers = {};
  const key = read();
  if (key !== null) headers.Authorization = `Bearer ${key}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  const method = body === undefined ? "GET" : "POST";
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch {
    throw new Error("the service does not answer");
  }
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, found.error ?? { message: `the service answered ${answer.status}` });
  return found;
}
