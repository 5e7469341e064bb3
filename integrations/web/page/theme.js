// Sets the chosen theme before anything is drawn, so that nothing flashes.
"use strict";
try {
  const chosen = localStorage.getItem("easel.theme");
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
} catch {
  // A browser that keeps nothing follows the system.
}
