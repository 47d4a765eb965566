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

// Questions that come up while somebody types: what they typed since the server was asked stays.
const typed = (place) => [...place.querySelectorAll("input:not([type=hidden], [type=file]), select, textarea")];
const ticks = (one) => one.type === "checkbox" || one.type === "radio";
let kept = new Map();
document.addEventListener("htmx:beforeSwap", (event) => {
  kept = new Map(typed(event.detail.target).filter((one) => one.id).map((one) => [one.id, ticks(one) ? one.checked : one.value]));
});
document.addEventListener("htmx:afterSwap", (event) => {
  for (const one of typed(event.detail.target).filter((found) => kept.has(found.id))) {
    if (ticks(one)) one.checked = kept.get(one.id);
    else if (kept.get(one.id) !== one.value) one.value = kept.get(one.id);
  }
});
