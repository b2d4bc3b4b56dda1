// The HTTP API as a page, made from its own description.
const root = document.querySelector("#api");

try {
  const description = await (await fetch("/openapi.json")).json();
  root.append(element("p", {}, description.info.description), ...operations(description));
} catch (error) {
  root.append(element("p", { role: "alert" }, `The description cannot be read: ${error.message}. Reload the page.`));
}
root.removeAttribute("aria-busy");

function operations({ paths, components }) {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => drawOperation(method, path, operation, components.schemas)));
}

function drawOperation(method, path, operation, schemas) {
  const body = operation.requestBody?.content["application/json"].schema;
  const [status, answer] = Object.entries(operation.responses)[0];
  const result = answer.content?.["application/json"].schema;
  return element(
    "details",
    { id: operation.operationId },
    element("summary", {}, element("b", {}, method.toUpperCase()), element("code", {}, path), operation.summary),
    element(
      "div",
      { class: "inside" },
      table("Parameters", operation.parameters.map((parameter) => ({
        name: parameter.name, type: typeOf(parameter.schema), about: parameter.description ?? `in the ${parameter.in}`,
      }))),
      body && table("Body", fieldsOf(body, schemas)),
      result ? table(`Answer ${status}`, fieldsOf(result, schemas)) : element("h3", {}, `Answer ${status}, empty`),
    ),
  );
}

function fieldsOf(schema, schemas) {
  const { properties = {}, required = [] } = schemas[nameOf(schema)];
  return Object.entries(properties).map(([name, property]) => ({
    name, type: typeOf(property), about: required.includes(name) ? "always there" : "may be left out",
  }));
}

function table(title, rows) {
  if (rows.length === 0) return null;
  const head = element("tr", {}, ...["name", "type", ""].map((text) => element("th", {}, text)));
  const lines = rows.map(({ name, type, about }) =>
    element("tr", {}, element("td", {}, element("code", {}, name)), element("td", {}, type), element("td", {}, about)));
  return element("section", {}, element("h3", {}, title), element("table", {}, head, ...lines));
}

function typeOf(schema) {
  if (schema.$ref) return nameOf(schema);
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(" or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  if (schema.additionalProperties) return `map to ${typeOf(schema.additionalProperties)}`;
  return schema.enum ? schema.enum.join(" | ") : (schema.type ?? "anything");
}

function nameOf(schema) {
  return schema.$ref.split("/").at(-1);
}

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter(Boolean));
  return made;
}
