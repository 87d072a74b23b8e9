// The board: one tile per route, drawn from data alone (textContent and attributes, never HTML), so what stands in a
// field is text. A pulse brings the tiles that changed; only those are drawn anew, and only what moved changes place.

const LOUD = new Set(["RED", "AMBER"]);

function make(tag, properties, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties || {})) {
    if (value === null || value === undefined || value === "") continue;
    if (name === "class") node.className = value;
    else node.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== "") node.append(child);
  return node;
}

function spark(values) {
  const known = values.map((value, at) => [at, value]).filter(([, value]) => value !== null);
  if (known.length < 2) return null;
  const numbers = known.map(([, value]) => value);
  const low = Math.min(...numbers), span = Math.max(...numbers) - low || 1, last = values.length - 1;
  const points = known.map(([at, value]) => `${((at / last) * 98 + 1).toFixed(1)},${(23 - ((value - low) / span) * 22).toFixed(1)}`);
  const svg = draw("svg", { viewBox: "0 0 100 24", class: "sem-spark", preserveAspectRatio: "none", "aria-hidden": "true" });
  svg.append(draw("polyline", { points: points.join(" ") }));
  return svg;
}

function length(milliseconds, words) {
  const minutes = Math.floor(Math.max(0, milliseconds) / 60000);
  if (minutes < 1) return words.moments;
  const days = Math.floor(minutes / 1440), hours = Math.floor((minutes % 1440) / 60), rest = minutes % 60;
  return `${days ? `${days}d` : ""}${hours ? `${hours}h` : ""}${rest && !days ? `${rest}m` : ""}`;
}

function instant(milliseconds) {
  return new Date(milliseconds).toISOString().slice(0, 16).replace("T", " ") + "Z";
}

function tileNode(tile, state) {
  const loud = LOUD.has(tile.light), words = state.words;
  const link = make("a", {
    class: `sem-tile sem-edge-${tile.light}${loud ? "" : " sem-quiet"}`,
    href: state.href + encodeURIComponent(tile.entity),
    "data-key": tile.key,
    "data-light": tile.light,
  });
  const name = make("bdi", { class: "sem-name" }, tile.entity);
  const spoken = make("span", { class: "sem-unseen" }, `${words.lights[tile.light]}: `);
  const head = make("span", { class: "sem-head" }, symbol(state.symbols[tile.light], tile.light), spoken, name);
  if (tile.value !== "–") head.append(make("span", { class: "sem-value" }, tile.value));
  link.append(head);
  if (!loud) {
    link.append(make("bdi", { class: "sem-small" }, tile.title));
    if (tile.reason) link.append(make("bdi", { class: "sem-small" }, tile.reason));
    else if (tile.unknown) link.append(make("bdi", { class: "sem-small" }, tile.unknown));
    return link;
  }
  link.append(make("bdi", { class: "sem-title" }, tile.title));
  link.append(make("bdi", { class: "sem-small" }, tile.evidence));
  const curve = spark(tile.trend || []);
  const foot = make("span", { class: "sem-foot" });
  if (tile.stake) foot.append(make("strong", {}, tile.stake));
  if (curve) foot.append(curve);
  link.append(foot);
  link.append(make("span", { class: "sem-age", "data-at": tile.atMs }, ""));
  const lasting = tile.sinceMs ? `${words.since} ${instant(tile.sinceMs)}` : "";
  link.append(make("span", { class: "sem-small" }, lasting));
  if (tile.note) link.append(make("bdi", { class: "sem-note" }, tile.note));
  if (tile.others.length) {
    const line = make("span", { class: "sem-others" });
    for (const [light, title] of tile.others) line.append(make("span", { class: "sem-other" }, symbol(state.symbols[light], light), make("bdi", {}, title)));
    link.append(line);
  }
  return link;
}

function groupNode(group, state) {
  const section = make("section", { class: "sem-group", "data-airport": group.airport });
  const head = make("h3", {}, make("bdi", {}, group.airport));
  if (group.city) head.append(make("bdi", { class: "sem-city" }, group.city));
  const counts = make("span", { class: "sem-counts" });
  for (const [light, count] of Object.entries(group.counts)) {
    counts.append(symbol(state.symbols[light], light), make("span", {}, make("span", { class: "sem-unseen" }, state.words.lights[light] + " "), `${count}`));
  }
  head.append(counts);
  if (group.light) head.append(make("span", { class: "sem-own" }, symbol(state.symbols[group.light], group.light), make("bdi", {}, group.own)));
  section.append(head, make("div", { class: "sem-tiles" }), make("div", { class: "sem-tiles sem-dense" }));
  return section;
}

function arrange(state) {
  const kept = new Map([...state.root.querySelectorAll(".sem-tile")].map((node) => [node.dataset.key, node]));
  const sections = state.groups.map((group) => {
    const section = groupNode(group, state);
    const [large, dense] = section.querySelectorAll(".sem-tiles");
    for (const key of group.keys) {
      const tile = state.tiles.get(key);
      if (!tile) continue;
      const node = kept.get(key) && !state.redraw.has(key) ? kept.get(key) : tileNode(tile, state);
      (LOUD.has(tile.light) ? large : dense).append(node);
    }
    return section;
  });
  state.list.replaceChildren(...sections);
  turn(state);
}

// On a wall: one airport, or one screen of the worst, after the other.
function turn(state) {
  if (!state.kiosk || !state.list.children.length) return;
  const shown = state.turns % state.list.children.length;
  [...state.list.children].forEach((section, at) => section.classList.toggle("sem-away", at !== shown));
}

// After the tiles have been painted: they say what the map says, and more. Its place is kept free till then.
function mapLater(state) {
  const map = state.map;
  state.mapBox.style.aspectRatio = map ? `${map.width} / ${map.height}` : "";
  state.mapBox.replaceChildren();
  cancelAnimationFrame(state.mapping);
  if (map) state.mapping = requestAnimationFrame(() => setTimeout(() => drawMap(state)));
}

function drawMap(state) {
  const map = state.map;
  const svg = draw("svg", { viewBox: `0 0 ${map.width} ${map.height}`, class: "sem-map", role: "img", "aria-label": state.words.map });
  svg.append(draw("path", { d: map.land, class: "sem-land" }));
  state.arcs = new Map();
  for (const quiet of [true, false]) {
    for (const [key, d] of Object.entries(map.arcs)) {
      const tile = state.tiles.get(key);
      if (!tile || LOUD.has(tile.light) === quiet) continue;
      const arc = draw("path", { d, class: `sem-arc sem-arc-${tile.light}` });
      const title = draw("title", {});
      title.textContent = `${tile.entity}: ${state.words.lights[tile.light]}`;
      arc.append(title);
      state.arcs.set(key, arc);
      svg.append(arc);
    }
  }
  const places = Object.entries(map.airports);
  for (const [, [x, y]] of places) svg.append(draw("circle", { cx: x, cy: y, r: 4, class: "sem-place" }));
  svg.append(...codes(places, state));
  state.mapBox.replaceChildren(svg);
}

// Each beside its place, hubs first, where no other stands; one that finds no room is left out.
function codes(places, state) {
  const taken = [], nodes = [], [wide, high] = [40, 18]; // of three letters, as the style sheet sets them
  const first = places.filter(([code]) => state.hubs.has(code)), others = places.filter(([code]) => !state.hubs.has(code));
  for (const [code, [x, y]] of [...first, ...others]) {
    const spots = [[x + 7, y + 5], [x - 7 - wide, y + 5], [x - wide / 2, y - 8], [x - wide / 2, y + 20]];
    const free = spots.find(([left, base]) => left > 0 && left + wide < state.map.width && base > high && base < state.map.height
      && !taken.some(([other, line]) => Math.abs(other - left) < wide && Math.abs(line - base) < high));
    if (!free) continue;
    taken.push(free);
    const text = draw("text", { x: free[0], y: free[1], class: "sem-code" });
    text.textContent = code;
    nodes.push(text);
  }
  return nodes;
}

function recolour(state, keys) {
  for (const key of keys) {
    const arc = state.arcs && state.arcs.get(key), tile = state.tiles.get(key);
    if (arc && tile) {
      arc.setAttribute("class", `sem-arc sem-arc-${tile.light}`);
      arc.firstChild.textContent = `${tile.entity}: ${state.words.lights[tile.light]}`;
    }
  }
}

function ages(state) {
  for (const node of state.root.querySelectorAll(".sem-age")) {
    const at = Number(node.dataset.at);
    const text = at ? `${state.words.dataOf} ${instant(at)} (${length(state.newestMs - at, state.words)})` : "";
    if (node.textContent !== text) node.textContent = text;
  }
}

function nodeOf(state, key) {
  return state.root.querySelector(`[data-key="${CSS.escape(key)}"]`);
}

// Whoever goes through the tiles by keyboard stays on theirs, wherever it is by then.
function keepingFocus(state, redraw) {
  const focused = state.root.contains(document.activeElement) ? document.activeElement.dataset.key : "";
  redraw();
  const again = focused ? nodeOf(state, focused) : null;
  if (again) again.focus({ preventScroll: true });
}

function apply(state, change) {
  if (change.from > state.version) return state.lost(state.version); // a pulse went missing: ask for all of it
  state.version = Math.max(state.version, change.to);
  state.newestMs = change.newestMs || state.newestMs;
  const moved = [];
  for (const tile of change.tiles) {
    if (JSON.stringify(state.tiles.get(tile.key)) === JSON.stringify(tile)) continue;
    state.tiles.set(tile.key, tile);
    moved.push(tile.key);
  }
  keepingFocus(state, () => {
    if (change.groups && JSON.stringify(change.groups) !== JSON.stringify(state.groups)) {
      state.groups = change.groups;
      state.redraw = new Set(moved);
      arrange(state);
    } else {
      for (const key of moved) {
        const node = nodeOf(state, key);
        if (node) node.replaceWith(tileNode(state.tiles.get(key), state));
      }
    }
  });
  recolour(state, moved);
  ages(state);
  return undefined;
}

function whole(state, data) {
  Object.assign(state, {
    version: data.version, words: data.words, symbols: data.symbols, href: data.href, groups: data.groups,
    kiosk: data.kioskSeconds > 0, map: data.map, newestMs: data.newestMs, redraw: new Set(data.tiles.map((tile) => tile.key)),
    tiles: new Map(data.tiles.map((tile) => [tile.key, tile])), hubs: new Set(data.tiles.map((tile) => tile.airport)),
  });
  state.root.classList.toggle("sem-wall", state.kiosk);
  keepingFocus(state, () => arrange(state));
  mapLater(state);
  ages(state);
  clearInterval(state.turning);
  if (state.kiosk) state.turning = setInterval(() => { state.turns += 1; turn(state); }, data.kioskSeconds * 1000);
}

const states = new WeakMap();

export default function (component) {
  const { parentElement, data, setTriggerValue } = component;
  let state = states.get(parentElement);
  if (!state) {
    state = { version: -1, tiles: new Map(), groups: [], redraw: new Set(), said: "", turns: 0 };
    state.mapBox = make("div", { class: "sem-map-box" });
    state.list = make("div", { class: "sem-list" });
    state.root = make("div", { class: "sem-board" }, state.mapBox, state.list);
    parentElement.append(state.root);
    state.root.addEventListener("click", (event) => {
      const link = event.target.closest("a.sem-tile");
      if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
      event.preventDefault();
      state.trigger("open", state.tiles.get(link.dataset.key).entity);
    });
    state.lost = (version) => state.trigger("lost", version);
    state.hear = (event) => apply(state, event.detail);
    state.tick = setInterval(() => ages(state), 30000);
    states.set(parentElement, state);
  }
  state.trigger = setTriggerValue;
  window.addEventListener("semaforo:changes", state.hear);
  const said = `${data.version} ${data.drawn}`;
  if (state.said !== said) {
    state.said = said;
    whole(state, data);
  }
  return () => window.removeEventListener("semaforo:changes", state.hear);
}
