// Starts the page.

import { $, make, say } from "./dom.js";
import { follow } from "./live.js";
import { open } from "./playground.js";

function theme() {
  const root = document.documentElement;
  const system = matchMedia("(prefers-color-scheme: dark)");
  const now = () => root.dataset.theme ?? (system.matches ? "dark" : "light");
  const label = () => say("theme", now() === "dark" ? "Light" : "Dark");
  $("theme").addEventListener("click", () => {
    root.dataset.theme = now() === "dark" ? "light" : "dark";
    try {
      localStorage.setItem("sandbox-theme", root.dataset.theme);
    } catch {} // then it lasts until the page is loaded again
    label();
  });
  system.addEventListener("change", label);
  label();
}

theme();
follow();
open().catch((error) => {
  $("verdict").replaceChildren(make("p", { class: "error" }, `The playground could not be opened: ${error.message}`));
});
