// Where the page begins: sign in, then chat.
import { ParleyClient } from "../sdk/client.js";
import { Chat } from "./chat.js";
import { forgetIdentity, loadIdentity, mintToken, saveIdentity } from "./identity.js";
import { showSignIn } from "./sign_in.js";
import { startTheme } from "./theme.js";

const root = document.querySelector("#app");

startTheme();
const known = loadIdentity();
if (known) begin(known);
else showSignIn(root, signedIn);

function signedIn(identity) {
  saveIdentity(identity);
  begin(identity);
}

function begin(identity) {
  const client = new ParleyClient({
    url: location.origin,
    user: identity.user,
    device: identity.device,
    storage: sessionStorage,
    token: () => tokenOf(identity),
  });
  document.title = `Parley – ${identity.user}`;
  new Chat(root, client, signOut);
  client.start();

  function signOut(reason) {
    client.stop();
    forgetIdentity();
    sessionStorage.clear();
    document.title = "Parley";
    showSignIn(root, signedIn, reason);
  }
}

/** A development token is minted anew at every connection, so that it never runs out. */
async function tokenOf(identity) {
  if (!identity.minted) return identity.token;
  return (await mintToken(identity.user)) ?? identity.token;
}
