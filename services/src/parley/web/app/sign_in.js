// The first page: by name where the server is for development, else with a token.
import { element } from "./element.js";
import { mintsTokens, mintToken, userOf } from "./identity.js";

/** Show the form in `root`; calls `done({user, token, minted})` once there is a token. */
export function showSignIn(root, done, reason = "") {
  const problem = element("p", { class: "notice bad", role: "alert", hidden: !reason }, reason);
  const name = field("Your name", "user", { placeholder: "ann", autocomplete: "username", maxlength: 128 });
  const token = field("Token", "token", { autocomplete: "off", maxlength: 16384 });
  const button = element("button", { class: "button primary", type: "submit" }, "Start chatting");
  const advice = element("p", { class: "notice" }, ...developmentWarning());
  const form = element("form", { onsubmit: submit }, advice, name, problem, button);
  root.replaceChildren(page(form));
  name.querySelector("input").focus();
  mintsTokens().then((mints) => mints || askForToken(), () => {});

  function askForToken() {
    if (!form.contains(name)) return;
    advice.textContent = "Paste the token that you got from your organisation. It stays in this window.";
    name.replaceWith(token);
    token.querySelector("input").focus();
  }

  async function submit(event) {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
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
    if (minted === null) askForToken();
    else done({ user, token: minted, minted: true });
  }

  function withToken() {
    const text = token.querySelector("input").value.trim();
    const user = userOf(text);
    if (user === null) throw new Error("This is not a token: it has three parts with dots between them.");
    done({ user, token: text, minted: false });
  }

  function say(text) {
    problem.textContent = text;
    problem.hidden = false;
  }
}

function page(form) {
  const card = element(
    "div",
    { class: "sign-in-card" },
    element("img", { class: "mark", src: "/icon.svg", alt: "", width: 64, height: 64 }),
    element("h1", { class: "brand" }, "Parley"),
    element("p", { class: "motto" }, "Conversations that lose nothing."),
    form,
  );
  return element("main", { class: "sign-in" }, card);
}

function developmentWarning() {
  return [
    element("strong", {}, "Development sign-in."),
    " No password is asked: whoever reaches this server can be anybody.",
  ];
}

function field(label, name, properties) {
  const input = element("input", { type: "text", name, required: true, autocapitalize: "none", ...properties });
  return element("label", { class: "field" }, element("span", {}, label), input);
}
