// Beginning a conversation: with one person, or as a group.
import { checkBox, openDialog, textField, valueOf } from "./dialog.js";
import { element } from "./element.js";

/** Ask whom to write to; calls `open(conversation id)`. */
export function askForPerson(client, open) {
  const name = textField("Name", "user", { required: true, maxlength: 128, placeholder: "bob" });
  ask("Write to somebody", "Write", [name], async () => open(await client.openDirect(valueOf(name))));
}

/** Ask for a group's title and members; calls `open(conversation id)`. */
export function askForGroup(client, open) {
  const title = textField("Title", "title", { required: true, maxlength: 200, placeholder: "Sunday hike", autocapitalize: "sentences" });
  const members = textField("Members", "members", { placeholder: "bob, cho" }, "Names with commas between them");
  const history = checkBox("Whoever joins later may read everything from the beginning", "history");
  ask("New group", "Begin group", [title, members, history], async () => {
    const openHistory = history.querySelector("input").checked;
    open(await client.createGroup({ title: valueOf(title), members: namesOf(valueOf(members)), openHistory }));
  });
}

/** Names that a person typed with commas between them. */
export function namesOf(text) {
  return [...new Set(text.split(",").map((name) => name.trim()).filter(Boolean))];
}

function ask(title, words, fields, act) {
  const button = element("button", { class: "button primary", type: "submit" }, words);
  const form = element("form", { class: "dialog-form", onsubmit: submit }, ...fields, element("div", { class: "dialog-actions" }, button));
  const dialog = openDialog(title, form);
  form.querySelector("input").focus();

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      const doing = act();
      doing.then(dialog.close, () => {});
      await doing;
    } catch (error) {
      dialog.problem(error.message);
    }
    button.disabled = false;
  }
}
