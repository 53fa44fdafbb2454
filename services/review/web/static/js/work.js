// The next call by one key.
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, button, a, summary")) return;
  if (event.key === "n" || event.key === "т" || event.key === "Enter") document.querySelector("#next-call")?.click();
});
