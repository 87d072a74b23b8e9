// A list of alerts to choose from: links that work in a new tab, and without one ask the server for their page.
function make(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) if (value !== null) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

// In the list alone; the page stays where it is.
function show(list, item) {
  const above = item.offsetTop - list.offsetTop, below = above + item.offsetHeight - list.clientHeight;
  list.scrollTop = Math.min(Math.max(list.scrollTop, below), above);
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
  // Where somebody is in the list, by eye or by keyboard, they stay.
  const before = parentElement.querySelector(".sem-choices");
  const focused = parentElement.contains(document.activeElement) ? document.activeElement.dataset.id : "";
  const top = before ? before.scrollTop : 0;
  parentElement.replaceChildren(list);
  list.scrollTop = top;
  const chosen = list.querySelector("[aria-current]");
  if (chosen) show(list, chosen.parentElement);
  const again = focused ? list.querySelector(`[data-id="${CSS.escape(focused)}"]`) : null;
  if (again) again.focus({ preventScroll: true });
}
