// What the buttons at a message do.
import { chooseEmoji, confirmRemoval, showReaders } from "./message_dialogs.js";

/** The handlers for a thread, bound to the conversation that `chat` has open. */
export function messageActions(chat) {
  const { client } = chat;
  const attempt = (promise) => promise.catch((error) => chat.problems.tell(error.message));
  const react = (item, emoji, removed) =>
    attempt(client.react({ conversation: chat.opened, seq: item.seq, emoji, removed }));
  return {
    react,
    chooseEmoji: (item, node) => chooseEmoji(item, client.user, node, (emoji, removed) => react(item, emoji, removed)),
    reply: (item) => chat.composer.reply(item),
    edit: (item) => chat.composer.edit(item),
    remove: (item) => confirmRemoval(() => attempt(client.remove({ conversation: chat.opened, seq: item.seq }))),
    readers: (item) => showReaders(client, chat.opened, item),
    retry: (item) => client.retry(chat.opened, item.clientMsgId),
    discard: (item) => client.discard(chat.opened, item.clientMsgId),
    copy: async (item) => {
      await attempt(copy(item.content?.text ?? ""));
      chat.announcer.announce("Copied");
    },
  };
}

async function copy(text) {
  if (!navigator.clipboard) throw new Error("This browser lets a page copy only over TLS or from the same machine.");
  await navigator.clipboard.writeText(text);
}
