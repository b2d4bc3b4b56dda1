// Dialogs: the browser's own, so that focus stays inside, comes back afterwards, and Escape closes them.
import { element, iconButton } from "./element.js";

let opened = 0;

/** Open a dialog; it is removed when it closes. Returns {dialog, problem(text), close()}. */
export function openDialog(title, ...content) {
  opened += 1;
  const problemLine = element("p", { class: "notice bad", role: "alert", hidden: true });
  const heading = element("h2", { id: `dialog-${opened}` }, title);
  const dialog = element(
    "dialog",
    { "aria-labelledby": heading.id, onclose: () => dialog.remove(), onclick: outside },
    element("div", { class: "dialog-head" }, heading, iconButton("close", "Close", () => dialog.close())),
    element("div", { class: "dialog-body" }, problemLine, ...content),
  );
  document.body.append(dialog);
  dialog.showModal();

  function outside(event) {
    if (event.target === dialog) dialog.close();
  }

  return {
    dialog,
    close: () => dialog.close(),
    problem: (text) => {
      problemLine.textContent = text;
      problemLine.hidden = false;
    },
  };
}

/** Ask whether something is really to be done. */
export function confirmDialog(title, text, words, act) {
  const button = element("button", { type: "button", class: "button danger", onclick: agreed }, words);
  const keep = element("button", { type: "button", class: "button", onclick: () => dialog.close() }, "Cancel");
  const dialog = openDialog(title, element("p", {}, text), element("div", { class: "dialog-actions" }, keep, button));
  button.focus();

  function agreed() {
    dialog.close();
    act();
  }
}

/** A labelled text field. */
export function textField(label, name, properties = {}, hint = null) {
  const described = hint === null ? null : `${name}-hint`;
  const all = { type: "text", name, autocomplete: "off", autocapitalize: "none", "aria-describedby": described, ...properties };
  const labelled = element("label", { class: "field" }, element("span", {}, label), element("input", all));
  return element("div", { class: "field" }, labelled, hint && element("small", { id: described }, hint));
}

/** A labelled check box. */
export function checkBox(label, name, checked = false, onchange = null) {
  const input = element("input", { type: "checkbox", name, checked, onchange });
  return element("label", { class: "choice" }, input, element("span", {}, label));
}

/** What was typed into a field made here. */
export function valueOf(field) {
  return field.querySelector("input").value.trim();
}
