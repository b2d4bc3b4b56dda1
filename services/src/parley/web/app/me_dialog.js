// About oneself: theme, privacy, sign out.
import { checkBox, confirmDialog, openDialog } from "./dialog.js";
import { element } from "./element.js";
import { chooseTheme, chosenTheme } from "./theme.js";

const HIDDEN = "parley.hidden";
const THEMES = { system: "As the system", light: "Light", dark: "Dark" };

/** Open the dialog; `signOut` ends the identity of this window. */
export function showMe(client, signOut) {
  const key = `${HIDDEN}.${client.user}`;
  const label = "Hide from others whether I am online and when I was last seen";
  const privacy = checkBox(label, "hide-presence", localStorage.getItem(key) === "yes", hide);
  const leave = element("button", { type: "button", class: "button danger", onclick: ask }, "Sign out");
  const dialog = openDialog(
    `Signed in as ${client.user}`,
    themeChoice(),
    element("section", {}, element("h3", {}, "Privacy"), privacy),
    element("div", { class: "dialog-actions" }, leave),
  );

  async function hide(event) {
    const wanted = event.target.checked;
    try {
      await client.setPrivacy(wanted);
      localStorage.setItem(key, wanted ? "yes" : "no");
    } catch (error) {
      event.target.checked = !wanted;
      dialog.problem(error.message);
    }
  }

  function ask() {
    const waits = [...client.conversations.values()].some(({ items }) => items.some((item) => item.status === "pending"));
    const text = "Messages wait to be sent. They are lost when you sign out now.";
    dialog.close();
    if (waits) confirmDialog("Sign out?", text, "Sign out all the same", signOut);
    else signOut();
  }
}

function themeChoice() {
  const options = Object.entries(THEMES).map(([theme, words]) => {
    const checked = chosenTheme() === theme;
    const input = element("input", { type: "radio", name: "theme", value: theme, checked, onchange: () => chooseTheme(theme) });
    return element("label", { class: "segment" }, input, element("span", {}, words));
  });
  return element("fieldset", { class: "segments" }, element("legend", {}, "Colours"), ...options);
}
