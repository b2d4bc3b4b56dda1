// Where the page begins: sign in, then chat.
import { ParleyClient } from "../sdk/client.js";
import { Chat } from "./chat.js";
import { claimDevice, forgetIdentity, loadIdentity, mintToken, newDevice, saveIdentity } from "./identity.js";
import { showSignIn } from "./sign_in.js";
import { startTheme } from "./theme.js";

const root = document.querySelector("#app");

startTheme();
const known = loadIdentity();
if (known) begin(known);
else showSignIn(root, begin);

async function begin(identity) {
  const device = await claimDevice(identity.device ?? newDevice());
  saveIdentity({ ...identity, device });
  const client = new ParleyClient({
    url: location.origin,
    user: identity.user,
    device,
    storage: sessionStorage,
    token: () => tokenOf(identity),
  });
  const chat = new Chat(root, client, { signOut, signedOut });
  client.start();

  /** The person wants to go: nothing of him stays in this window. */
  function signOut() {
    client.stop();
    forgetIdentity();
    startAgain("");
  }

  /** The server let him in no longer: what waits to be sent stays, for when he is back in this window. */
  function signedOut(reason) {
    sessionStorage.removeItem("parley.identity");
    startAgain(reason);
  }

  function startAgain(reason) {
    chat.close();
    document.title = "Parley";
    history.replaceState(null, "", location.pathname);
    showSignIn(root, begin, reason);
  }
}

/** A development token is minted anew at every connection, so that it never runs out. */
async function tokenOf(identity) {
  if (!identity.minted) return identity.token;
  return (await mintToken(identity.user)) ?? identity.token;
}
