// What is typed goes to the server when its field is left. A link to another page, clicked out of the field, would go
// first, and what the field then says, under the name of its own page, would call that page back. So the click waits.
const TO_PAGES = '[data-testid="stSidebarNavLink"], [data-testid="stPageLink-NavLink"]';
const SAID_MS = 300;

function minded() {
  let typing = false;
  document.addEventListener("pointerdown", () => {
    typing = document.activeElement?.matches("textarea, input") ?? false;
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(TO_PAGES);
    if (!link || !typing || event.ctrlKey || event.metaKey || event.shiftKey) return;
    typing = false;
    event.preventDefault();
    event.stopImmediatePropagation();
    setTimeout(() => link.click(), SAID_MS);
  }, true);
}

if (!window.semaforoMinded) {
  window.semaforoMinded = true;
  minded();
}

