// Dark and light: what the system prefers, until a person chooses.
const KEY = "parley.theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/** Apply the chosen or preferred theme, now and whenever the system changes. */
export function startTheme() {
  apply();
  system.addEventListener("change", apply);
}

/** Switch, and remember the choice. */
export function toggleTheme() {
  localStorage.setItem(KEY, document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  apply();
}

function apply() {
  document.documentElement.dataset.theme = localStorage.getItem(KEY) ?? (system.matches ? "dark" : "light");
}
