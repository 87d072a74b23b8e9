// Hands what changed to the board, which draws it.
export default function (component) {
  window.dispatchEvent(new CustomEvent("semaforo:changes", { detail: component.data }));
}
