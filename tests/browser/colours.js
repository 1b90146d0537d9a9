// What each of the page's own names of colours comes to, as the page is now.
(() => {
  const names = [...document.styleSheets]
    .flatMap((sheet) => [...sheet.cssRules])
    .filter((rule) => rule.selectorText === ":root")
    .flatMap((rule) => [...rule.style])
    .filter((name) => name.startsWith("--") && CSS.supports("color", getComputedStyle(document.body).getPropertyValue(name)));
  const probe = document.body.appendChild(document.createElement("i"));
  const found = names.map((name) => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return found;
})();
