// The controls and regions that a screen reader could not name.
(() => {
  const named = (element) =>
    element.labels?.length ||
    element.getAttribute("aria-label") ||
    document.getElementById(element.getAttribute("aria-labelledby") ?? "")?.textContent.trim() ||
    (element.matches("a, button, summary") && element.textContent.trim());
  return [...document.querySelectorAll("a, button, input, select, summary, textarea, table, [role=region], [tabindex='0']")]
    .filter((element) => element.checkVisibility() && !named(element))
    .map((element) => element.outerHTML.slice(0, 100));
})();
