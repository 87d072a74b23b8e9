// One Tableau view by Embedding API v3, whose script comes from the Tableau host that the server's headers name. A new
// token alone draws nothing anew; another route is another filter, and the view is made again with it.
export default function (component) {
  const { parentElement, data } = component;
  const drawn = JSON.stringify([data.src, data.field, data.route]);
  if (parentElement.semaforoDrawn === drawn) return;
  parentElement.semaforoDrawn = drawn;
  if (!document.querySelector(`script[src="${CSS.escape(data.script)}"]`)) {
    const script = document.createElement("script");
    script.type = "module";
    script.src = data.script;
    script.addEventListener("error", () => { note.textContent = data.failed; });
    document.head.append(script);
  }
  const note = document.createElement("p");
  note.className = "sem-small";
  note.setAttribute("role", "status");
  const view = document.createElement("tableau-viz");
  for (const [name, value] of Object.entries({ src: data.src, token: data.token, toolbar: "bottom", device: "default" })) view.setAttribute(name, value);
  view.setAttribute("hide-tabs", "");
  view.style.cssText = "display:block;width:100%;min-height:70vh";
  if (data.route) {
    const filter = document.createElement("viz-filter");
    filter.setAttribute("field", data.field);
    filter.setAttribute("value", data.route);
    view.append(filter);
  }
  view.addEventListener("vizloaderror", () => { note.textContent = data.failed; });
  parentElement.replaceChildren(view, note);
}
