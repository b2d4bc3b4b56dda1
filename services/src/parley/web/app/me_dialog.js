// About oneself: theme, privacy, sign out.
import { checkBox, openDialog } from "./dialog.js";
import { element } from "./element.js";
import { toggleTheme } from "./theme.js";

const KEY = "parley.hidden";

/** Open the dialog; `signOut` ends the identity of this window. */
export function showMe(client, signOut) {
  const hidden = localStorage.getItem(`${KEY}.${client.user}`) === "yes";
  const privacy = checkBox("Hide from others when I am online and was last seen", "privacy", hidden, change);
  const dialog = openDialog(
    `Signed in as ${client.user}`,
    privacy,
    element(
      "div",
      { class: "dialog-actions" },
      element("button", { type: "button", class: "button", onclick: toggleTheme }, "Dark or light"),
      element("button", { type: "button", class: "button danger", onclick: leave }, "Sign out"),
    ),
  );

  async function change(event) {
    const hide = event.target.checked;
    try {
      await client.setPrivacy(hide);
      localStorage.setItem(`${KEY}.${client.user}`, hide ? "yes" : "no");
    } catch (error) {
      event.target.checked = !hide;
      dialog.problem(error.message);
    }
  }

  function leave() {
    dialog.close();
    signOut();
  }
}
