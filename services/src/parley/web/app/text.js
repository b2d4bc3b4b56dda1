// The text of a message as people expect to see it: links can be followed, a lone emoji is large.
import { element } from "./element.js";

const LINK = /\bhttps?:\/\/[^\s<>"']+[^\s<>"'.,:;!?)\]}]/gu;
const EMOJI_ONLY = /^(?:\p{Extended_Pictographic}(?:\uFE0F|\u200D\p{Extended_Pictographic}|\p{Emoji_Modifier})*\s?){1,3}$/u;

/** Draw a text; only http and https become links, and the page they lead to learns nothing of this one. */
export function drawText(text) {
  const parts = [];
  let at = 0;
  for (const { 0: link, index } of text.matchAll(LINK)) {
    parts.push(text.slice(at, index), element("a", { href: link, target: "_blank", rel: "noopener noreferrer" }, link));
    at = index + link.length;
  }
  parts.push(text.slice(at));
  return element("div", { class: EMOJI_ONLY.test(text) ? "text large" : "text" }, ...parts);
}
