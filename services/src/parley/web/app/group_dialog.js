// A group's members, roles and settings; what one's role does not allow is not offered.
import { avatar } from "./avatar.js";
import { namesOf } from "./begin_dialogs.js";
import { checkBox, openDialog, textField } from "./dialog.js";
import { element } from "./element.js";

const ROLES = ["owner", "admin", "member"];

/** Open the dialog; it follows changes while it is open. `onLeft` is called after leaving. */
export function showGroup(client, id, onLeft) {
  const conversation = () => client.conversations.get(id);
  const people = element("ul", { class: "people" });
  const settings = element("div", { class: "dialog-body" });
  const dialog = openDialog("Group", settings, element("h3", {}, "Members"), people, leaveButton());
  const refresh = (event) => event.detail.id === id && draw();
  client.addEventListener("conversation", refresh);
  dialog.dialog.addEventListener("close", () => client.removeEventListener("conversation", refresh));
  let drawn = null;
  draw();

  async function draw() {
    const { role, title, openHistory, memberCount, head } = conversation();
    const version = JSON.stringify([role, title, openHistory, memberCount, head]);
    if (version === drawn) return;
    drawn = version;
    settings.replaceChildren(...settingsOf(conversation()));
    try {
      const members = await client.members(id);
      people.replaceChildren(...members.map((member) => person(member, role)));
    } catch (error) {
      dialog.problem(error.message);
    }
  }

  function settingsOf({ role, title, openHistory }) {
    if (role !== "owner" && role !== "admin") return [element("p", {}, title)];
    const name = textField("Title", "title", { value: title, maxlength: 200 });
    const added = textField("Add members", "added", { placeholder: "dan, eve" }, "Names with commas between them");
    return [
      line(name, "Rename", () => client.changeSettings({ conversation: id, title: valueOf(name) })),
      checkBox("New members may read everything from the beginning", "history", openHistory, (event) =>
        attempt(() => client.changeSettings({ conversation: id, openHistory: event.target.checked }))),
      line(added, "Add", () => client.addMembers({ conversation: id, members: namesOf(valueOf(added)) })),
    ];
  }

  function person(member, role) {
    const self = member.user === client.user;
    const mayRemove = !self && (role === "owner" || (role === "admin" && member.role === "member"));
    const roleChoice = role === "owner" && !self
      ? element(
        "select",
        {
          "aria-label": `Role of ${member.user}`,
          onchange: (event) => attempt(() => client.setRole({ conversation: id, user: member.user, role: event.target.value })),
        },
        ...ROLES.map((name) => element("option", { value: name, selected: name === member.role }, name)),
      )
      : element("span", { class: "role" }, member.role);
    return element(
      "li",
      { class: "person" },
      avatar(member.user, { small: true, online: client.presence.get(member.user)?.online }),
      element("span", { class: "who" }, self ? `${member.user} (you)` : member.user),
      roleChoice,
      mayRemove && element(
        "button",
        {
          type: "button",
          class: "button danger",
          "aria-label": `Remove ${member.user}`,
          onclick: () => attempt(() => client.removeMember({ conversation: id, user: member.user })),
        },
        "Remove",
      ),
    );
  }

  function line(field, words, act) {
    return element(
      "form",
      { class: "dialog-actions", onsubmit: (event) => { event.preventDefault(); attempt(act); } },
      field,
      element("button", { class: "button", type: "submit" }, words),
    );
  }

  function leaveButton() {
    return element(
      "div",
      { class: "dialog-actions" },
      element(
        "button",
        {
          type: "button",
          class: "button danger",
          onclick: () => attempt(async () => {
            await client.leave({ conversation: id });
            dialog.close();
            onLeft();
          }),
        },
        "Leave group",
      ),
    );
  }

  async function attempt(act) {
    try {
      await act();
    } catch (error) {
      dialog.problem(error.message);
    }
  }
}

function valueOf(field) {
  return field.querySelector("input").value.trim();
}
