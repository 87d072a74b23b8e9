// How fresh the page is, and, without the server, that it is not any more: a server that hangs or a wire that is cut
// cannot say so itself.
const SHOWN = "sem-stale";

function fill(text, fields) {
  return text.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
}

function look(state) {
  const silent = Math.floor((Date.now() - state.heardMs) / 1000);
  const { data } = state;
  const unread = data.readSecondsAgo === null ? null : Math.floor(data.readSecondsAgo + silent);
  const fresh = unread === null ? data.words.reading : fill(data.words.fresh, { age: unread });
  const line = data.newest ? `${fresh} · ${data.newest}` : fresh;
  if (state.line.textContent !== line) state.line.textContent = line;
  const limit = data.staleAfterSeconds;
  const text =
    silent > limit ? fill(data.words.stale, { age: silent })
    : unread !== null && unread > limit ? fill(data.words.staleStore, { age: unread })
    : "";
  state.line.classList.toggle("sem-old", text !== "");
  if (text) {
    if (!state.banner.isConnected) document.body.append(state.banner);
    if (state.banner.textContent !== text) state.banner.textContent = text;
  } else if (state.banner.isConnected) state.banner.remove();
}

export default function (component) {
  const { parentElement, data } = component;
  let state = parentElement.semaforo;
  if (!state) {
    state = { line: document.createElement("p"), banner: document.createElement("div") };
    state.line.className = "sem-fresh";
    state.banner.className = SHOWN;
    state.banner.setAttribute("role", "alert");
    parentElement.append(state.line);
    parentElement.semaforo = state;
  }
  state.data = data;
  state.heardMs = Date.now();
  look(state);
  clearInterval(state.ticking);
  state.ticking = setInterval(() => look(state), 1000);
  return () => {
    clearInterval(state.ticking);
    state.banner.remove();
  };
}
