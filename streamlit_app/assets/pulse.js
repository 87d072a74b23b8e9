// Hands what changed, JSON in bytes, to the board, which draws it.
const TEXT = new TextDecoder();

export default function (component) {
  window.dispatchEvent(new CustomEvent("semaforo:changes", { detail: JSON.parse(TEXT.decode(component.data)) }));
}
