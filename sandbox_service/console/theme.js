// Before anything is drawn: the theme that was chosen, or none, for the system's own.
"use strict";
{
  let chosen = null;
  try {
    chosen = localStorage.getItem("sandbox-theme");
  } catch {} // storage may be switched off
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
}
