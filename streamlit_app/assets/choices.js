// A list of alerts to choose from: links that work in a new tab, and without one ask the server for their page.
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  octagon: "M7,1H17L23,7V17L17,23H7L1,17V7Z",
  triangle: "M12,1L23.5,22H0.5Z",
  circle: "M12,1A11,11 0 1,1 12,23A11,11 0 1,1 12,1Z",
  square: "M2,2H22V22H2Z",
};

function make(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) if (value !== null) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function symbol(said, light) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `sem-shape sem-${light}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", SHAPES[said.shape]);
  const letter = document.createElementNS(SVG, "text");
  letter.setAttribute("x", "12");
  letter.setAttribute("y", said.shape === "triangle" ? "20" : "17");
  letter.setAttribute("text-anchor", "middle");
  letter.textContent = said.letter;
  svg.append(path, letter);
  return svg;
}

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  const list = make("ul", { class: "sem-choices", "aria-label": data.label });
  for (const one of data.items) {
    const link = make(
      "a",
      { href: data.href + encodeURIComponent(one.id), "data-id": one.id, "aria-current": one.id === data.chosen ? "true" : null },
      symbol(data.symbols[one.light], one.light),
      make("span", { class: "sem-unseen" }, `${data.lights[one.light]}: `),
      make("bdi", { class: "sem-name" }, one.name),
      make("bdi", { class: "sem-title" }, one.title),
      make("bdi", { class: "sem-small" }, one.detail),
    );
    link.addEventListener("click", (event) => {
      if (event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      setTriggerValue("chosen", one.id);
    });
    list.append(make("li", {}, link));
  }
  parentElement.replaceChildren(list);
}
