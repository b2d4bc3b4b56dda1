// A group's settings and members; what one's role does not allow is not offered.
import { namesOf } from "./begin_dialogs.js";
import { checkBox, confirmDialog, openDialog, textField, valueOf } from "./dialog.js";
import { element } from "./element.js";
import { memberRow } from "./member_row.js";

/** Open the dialog; it follows changes while it is open. `left` is called after leaving. */
export function showGroup(client, id, watched, left) {
  const conversation = () => client.conversations.get(id);
  const people = element("ul", { class: "people" });
  const settings = element("div", { class: "dialog-form" });
  const leaveButton = element("button", { type: "button", class: "button danger", onclick: leave }, "Leave group");
  const dialog = openDialog(
    "Group",
    settings,
    element("section", {}, element("h3", {}, "Members"), people),
    element("div", { class: "dialog-actions" }, leaveButton),
  );
  const over = new AbortController();
  let members = [];
  let drawn = null;
  client.addEventListener("conversation", (event) => event.detail.id === id && refresh(), { signal: over.signal });
  client.addEventListener("presence", () => people.contains(document.activeElement) || drawMembers(), { signal: over.signal });
  dialog.dialog.addEventListener("close", () => {
    over.abort();
    watched.show("group", []);
  });
  refresh();

  async function refresh() {
    const { role, title, openHistory, memberCount, head } = conversation();
    const version = JSON.stringify([role, title, openHistory, memberCount, head]);
    if (version === drawn) return;
    drawn = version;
    if (role === null) return void dialog.close();
    drawSettings(conversation());
    try {
      members = await client.members(id);
      watched.show("group", members.map((member) => member.user));
      drawMembers();
    } catch (error) {
      dialog.problem(error.message);
    }
  }

  function drawMembers() {
    const { role } = conversation();
    const on = {
      setRole: (user, wanted) => attempt(() => client.setRole({ conversation: id, user, role: wanted })),
      remove: (user) => attempt(() => client.removeMember({ conversation: id, user })),
    };
    const focused = people.contains(document.activeElement);
    people.replaceChildren(...members.map((member) => memberRow(client, member, role, on)));
    if (focused) dialog.dialog.querySelector(".dialog-head button").focus();
  }

  function drawSettings({ role, title, openHistory }) {
    if (settings.contains(document.activeElement) && settings.dataset.role === role) return;
    settings.dataset.role = role;
    settings.replaceChildren(...settingsOf(role, title, openHistory));
  }

  function settingsOf(role, title, openHistory) {
    if (role !== "owner" && role !== "admin") return [element("p", { class: "group-title" }, title)];
    const name = textField("Title", "title", { value: title, maxlength: 200, required: true, autocapitalize: "sentences" });
    const added = textField("Add members", "added", { placeholder: "dan, eve", required: true }, "Names with commas between them");
    const changeHistory = (event) =>
      attempt(() => client.changeSettings({ conversation: id, openHistory: event.target.checked }));
    return [
      line(name, "Rename", () => client.changeSettings({ conversation: id, title: valueOf(name) })),
      line(added, "Add", async () => {
        await client.addMembers({ conversation: id, members: namesOf(valueOf(added)) });
        added.querySelector("input").value = "";
      }),
      checkBox("New members may read everything from the beginning", "history", openHistory, changeHistory),
    ];
  }

  function line(field, words, act) {
    const button = element("button", { class: "button", type: "submit" }, words);
    const submit = (event) => {
      event.preventDefault();
      attempt(act);
    };
    return element("form", { class: "line", onsubmit: submit }, field, button);
  }

  function leave() {
    confirmDialog("Leave this group?", "You keep what you have read, and see nothing new.", "Leave", () =>
      attempt(async () => {
        await client.leave({ conversation: id });
        dialog.close();
        left();
      }));
  }

  async function attempt(act) {
    try {
      await act();
    } catch (error) {
      dialog.problem(error.message);
    }
  }
}
