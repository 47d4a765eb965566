// What htmx does not do by itself: tell the person when the server said no, or said nothing.
document.addEventListener("htmx:responseError", (event) => {
  const place = document.getElementById("messages");
  const box = document.createElement("div");
  box.className = "alert alert-danger";
  box.textContent = place.dataset.failed + " (" + event.detail.xhr.status + ")";
  place.replaceChildren(box);
});
document.addEventListener("htmx:sendError", () => {
  const place = document.getElementById("messages");
  const box = document.createElement("div");
  box.className = "alert alert-danger";
  box.textContent = place.dataset.unreached;
  place.replaceChildren(box);
});
