// Beginning a conversation: with one person, or as a group.
import { checkBox, openDialog, textField } from "./dialog.js";
import { element } from "./element.js";

/** Ask whom to write to; calls `open(conversation id)`. */
export function askForPerson(client, open) {
  const name = textField("Name", "user", { required: true, maxlength: 128, placeholder: "bob" });
  const form = element(
    "form",
    { class: "dialog-body", onsubmit: submit },
    name,
    element("div", { class: "dialog-actions" }, element("button", { class: "button primary", type: "submit" }, "Write")),
  );
  const dialog = openDialog("Write to somebody", form);
  name.querySelector("input").focus();

  async function submit(event) {
    event.preventDefault();
    try {
      const id = await client.openDirect(name.querySelector("input").value.trim());
      dialog.close();
      open(id);
    } catch (error) {
      dialog.problem(error.message);
    }
  }
}

/** Ask for a group's title and members; calls `open(conversation id)`. */
export function askForGroup(client, open) {
  const title = textField("Title", "title", { required: true, maxlength: 200, placeholder: "Sunday hike" });
  const members = textField("Members", "members", { placeholder: "bob, cho" }, "Names with commas between them");
  const history = checkBox("Whoever joins later may read everything from the beginning", "history");
  const button = element("button", { class: "button primary", type: "submit" }, "Open group");
  const form = element(
    "form",
    { class: "dialog-body", onsubmit: submit },
    title,
    members,
    history,
    element("div", { class: "dialog-actions" }, button),
  );
  const dialog = openDialog("New group", form);
  title.querySelector("input").focus();

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      const id = await client.createGroup({
        title: title.querySelector("input").value.trim(),
        members: namesOf(members.querySelector("input").value),
        openHistory: history.querySelector("input").checked,
      });
      dialog.close();
      open(id);
    } catch (error) {
      dialog.problem(error.message);
      button.disabled = false;
    }
  }
}

/** Names that a person typed with commas or lines between them. */
export function namesOf(text) {
  return [...new Set(text.split(/[,\n]/).map((name) => name.trim()).filter(Boolean))];
}
