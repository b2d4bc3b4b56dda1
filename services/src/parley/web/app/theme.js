// Dark and light: what the system prefers, until a person chooses. The style sheet does the rest.
const KEY = "parley.theme";

/** Apply what was chosen before. */
export function startTheme() {
  apply(chosenTheme());
}

/** "system", "light" or "dark". */
export function chosenTheme() {
  return localStorage.getItem(KEY) ?? "system";
}

/** Choose, and remember the choice. */
export function chooseTheme(theme) {
  localStorage.setItem(KEY, theme);
  apply(theme);
}

function apply(theme) {
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
