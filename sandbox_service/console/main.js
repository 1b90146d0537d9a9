// Starts the page.

import { $, make, say } from "./dom.js";
import { follow } from "./live.js";
import { open } from "./playground.js";

const RETRY_MS = 2000;

function theme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme ?? (system.matches ? "dark" : "light");
  const label = () => say("theme", now() === "dark" ? "Light" : "Dark");
  $("theme").addEventListener("click", () => {
    const chosen = now() === "dark" ? "light" : "dark";
    const own = system.matches ? "dark" : "light";
    if (chosen === own) delete root.dataset.theme; // the system's is followed again
    else root.dataset.theme = chosen;
    try {
      if (chosen === own) localStorage.removeItem("sandbox-theme");
      else localStorage.setItem("sandbox-theme", chosen);
    } catch {} // then it lasts until the page is loaded again
    label();
  });
  system.addEventListener("change", label);
  label();
}

// The service may be starting, or away: the playground opens as soon as there is somebody to run a program.
async function openOnce() {
  const before = [...$("verdict").childNodes];
  for (;;) {
    try {
      await open();
      $("verdict").replaceChildren(...before);
      return;
    } catch (error) {
      const text = `The playground opens when it can: ${error.message}`;
      if ($("verdict").textContent !== text) $("verdict").replaceChildren(make("p", { class: "error" }, text));
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

theme();
follow();
openOnce();
