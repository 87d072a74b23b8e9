// How fresh the page is, and, without the server, that it is not any more: a server that hangs or a wire that is cut
// cannot say so itself. The board's pulses beat too.
const SHOWN = "sem-stale";

function fill(text, fields) {
  return text.replace(/\{(\w+)\}/g, (_, name) => fields[name]);
}

function look(state) {
  const silent = Math.floor((Date.now() - state.heardMs) / 1000);
  const { data, beat } = state;
  const unread = beat.readSecondsAgo === null ? null : Math.floor(beat.readSecondsAgo + silent);
  const fresh = unread === null ? data.words.reading : fill(data.words.fresh, { age: unread });
  const line = beat.newest ? `${fresh} · ${beat.newest}` : fresh;
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

function hear(state, beat) {
  state.beat = beat;
  state.heardMs = Date.now();
  look(state);
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
    state.pulsed = (event) => hear(state, event.detail.beat);
    parentElement.semaforo = state;
  }
  state.data = data;
  hear(state, data.beat);
  window.addEventListener("semaforo:changes", state.pulsed);
  clearInterval(state.ticking);
  state.ticking = setInterval(() => look(state), 1000);
  return () => {
    clearInterval(state.ticking);
    window.removeEventListener("semaforo:changes", state.pulsed);
    state.banner.remove();
  };
}
