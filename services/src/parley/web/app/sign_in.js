// The first page: by name where the server is for development, else with a token.
import { element } from "./element.js";
import { mintToken, newDevice, userOf } from "./identity.js";

/** Show the form in `root`; calls `done(identity)` once there is a token. */
export function showSignIn(root, done, reason = "") {
  const problem = element("p", { class: "notice bad", role: "alert", hidden: !reason }, reason);
  const name = field("Your name", "user", "ann", "username");
  const token = field("Token", "token", "", "off");
  const button = element("button", { class: "button primary", type: "submit" }, "Start chatting");
  const warning = element(
    "p",
    { class: "notice" },
    "Development sign-in: no password is asked, and everybody who reaches this server can be anybody.",
  );
  const form = element("form", { onsubmit: submit }, warning, problem, name, button);
  root.replaceChildren(
    element(
      "main",
      { class: "sign-in" },
      element(
        "div",
        { class: "sign-in-card" },
        element("img", { class: "mark", src: "/icon.svg", alt: "" }),
        element("h1", { class: "brand" }, "Parley"),
        element("p", {}, "Conversations that lose nothing."),
        form,
      ),
    ),
  );
  name.querySelector("input").focus();

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    try {
      await (form.contains(token) ? withToken() : withName());
    } catch (error) {
      say(error instanceof TypeError ? "The server does not answer. Is it running?" : error.message);
    } finally {
      button.disabled = false;
    }
  }

  async function withName() {
    const user = name.querySelector("input").value.trim();
    const minted = await mintToken(user);
    if (minted !== null) return done({ user, token: minted, device: newDevice(), minted: true });
    warning.textContent = "This server gives out no tokens here. Paste the one that you got from your organisation.";
    name.replaceWith(token);
    token.querySelector("input").focus();
    return undefined;
  }

  function withToken() {
    const text = token.querySelector("input").value.trim();
    const user = userOf(text);
    if (user === null) throw new Error("This is not a token: it has three parts with dots between them.");
    return done({ user, token: text, device: newDevice(), minted: false });
  }

  function say(text) {
    problem.textContent = text;
    problem.hidden = false;
  }
}

function field(label, id, placeholder, autocomplete) {
  return element(
    "label",
    { class: "field" },
    element("span", {}, label),
    element("input", { type: "text", name: id, required: true, placeholder, autocomplete, maxlength: 4096 }),
  );
}
