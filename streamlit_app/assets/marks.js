// The mark of a light, shape and letter beside colour; stands before the code of every component that draws one.
const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  octagon: "M7,1H17L23,7V17L17,23H7L1,17V7Z",
  triangle: "M12,1L23.5,22H0.5Z",
  circle: "M12,1A11,11 0 1,1 12,23A11,11 0 1,1 12,1Z",
  square: "M2,2H22V22H2Z",
};

function draw(tag, attributes) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function symbol(said, light) {
  const svg = draw("svg", { viewBox: "0 0 24 24", class: `sem-shape sem-${light}`, "aria-hidden": "true" });
  svg.append(draw("path", { d: SHAPES[said.shape] }));
  const letter = draw("text", { x: 12, y: said.shape === "triangle" ? 20 : 17, "text-anchor": "middle" });
  letter.textContent = said.letter;
  svg.append(letter);
  return svg;
}

