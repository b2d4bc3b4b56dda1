// Dialogs: the browser's own, so that focus stays inside and Escape closes them.
import { element, iconButton } from "./element.js";

/** Open a dialog; it goes when it closes. Returns {dialog, body, problem(text), close()}. */
export function openDialog(title, ...content) {
  const problemLine = element("p", { class: "notice bad", role: "alert", hidden: true });
  const heading = element("h2", { id: `dialog-${crypto.randomUUID?.() ?? Date.now()}` }, title);
  const body = element("div", { class: "dialog-body" }, problemLine, ...content);
  const dialog = element(
    "dialog",
    { "aria-labelledby": heading.id, onclose: () => dialog.remove(), onclick: outside },
    element("div", { class: "dialog-head" }, heading, iconButton("close", "Close", () => dialog.close())),
    body,
  );
  document.body.append(dialog);
  dialog.showModal();

  function outside(event) {
    if (event.target === dialog) dialog.close();
  }

  return {
    dialog,
    body,
    close: () => dialog.close(),
    problem: (text) => {
      problemLine.textContent = text;
      problemLine.hidden = false;
    },
  };
}

/** A labelled text field. */
export function textField(label, name, properties = {}, hint = null) {
  return element(
    "label",
    { class: "field" },
    element("span", {}, label),
    element("input", { type: "text", name, autocomplete: "off", ...properties }),
    hint && element("small", {}, hint),
  );
}

/** A labelled check box. */
export function checkBox(label, name, checked = false, onchange = null) {
  return element("label", { class: "choice" }, element("input", { type: "checkbox", name, checked, onchange }), label);
}
