// One member in a group's dialog, with what may be done about him.
import { avatar, showOnline } from "./avatar.js";
import { element, spoken } from "./element.js";

const ROLES = ["owner", "admin", "member"];

/** `role` is the reader's own; `on` has setRole(user, role) and remove(user). */
export function memberRow(client, member, role, on) {
  const self = member.user === client.user;
  const online = client.presence.get(member.user)?.online ?? false;
  const picture = avatar(member.user, { small: true });
  showOnline(picture, online);
  const mayRemove = !self && (role === "owner" || (role === "admin" && member.role === "member"));
  return element(
    "li",
    { class: "person" },
    picture,
    element("span", { class: "who" }, member.user, self && " (you)", online && spoken(", online")),
    role === "owner" && !self ? roleChoice(member, on) : element("span", { class: "role" }, member.role),
    mayRemove && element(
      "button",
      { type: "button", class: "link danger", "aria-label": `Remove ${member.user}`, onclick: () => on.remove(member.user) },
      "Remove",
    ),
  );
}

function roleChoice(member, on) {
  const options = ROLES.map((name) => element("option", { value: name, selected: name === member.role }, name));
  const onchange = (event) => on.setRole(member.user, event.target.value);
  return element("select", { "aria-label": `Role of ${member.user}`, onchange }, ...options);
}
