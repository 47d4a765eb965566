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

// Without a script the browser's own menu prints.
for (const one of document.querySelectorAll("[data-print]")) {
  one.hidden = false;
  one.addEventListener("click", () => window.print());
}

// Choices that are searched (`pages/searched.py`): what is typed is looked for in the labels and in those of the groups.
const choicesOf = (one) => [...(one.list ?? one).querySelectorAll("option")].filter((found) => found.value).map((found) => (
  { value: found.value, label: found.label || found.value, group: found.parentElement.label ?? "" }
));

function searched(one) {
  if (one.getAttribute("role") === "combobox" || one.classList.contains("d-none")) return;
  const open = one.tagName === "INPUT", all = choicesOf(one), label = one.labels[0];
  const box = open ? one : document.createElement("input"), list = document.createElement("ul");
  let found = [], active = -1;
  const chosen = () => open ? all.find((each) => each.label === box.value) : all.find((each) => each.value === one.value);

  const mark = (place) => {
    active = place;
    [...list.children].forEach((item, n) => item.setAttribute("aria-selected", n === active));
    if (active < 0) return box.removeAttribute("aria-activedescendant");
    box.setAttribute("aria-activedescendant", list.children[active].id);
    list.children[active].scrollIntoView({ block: "nearest" });
  };
  const show = (on) => {
    list.hidden = !on;
    box.setAttribute("aria-expanded", on);
    if (!on) mark(-1);
  };
  const item = (each, n) => {
    const drawn = document.createElement("li"), group = document.createElement("span");
    [drawn.id, drawn.role, drawn.textContent] = [`${list.id}-${n}`, "option", `${each.label} `];
    [group.className, group.textContent] = ["quiet", each.group];
    drawn.append(group);
    drawn.addEventListener("click", () => choose(each));
    return drawn;
  };
  const draw = () => {
    const words = box.value === chosen()?.label ? [] : box.value.toLowerCase().split(/[\s/]+/);
    found = all.filter((each) => words.every((word) => `${each.group} ${each.label}`.toLowerCase().includes(word)));
    list.replaceChildren(...found.map(item));
    show(found.length > 0);
  };
  const put = (value) => {
    if (one.value === value) return;
    one.value = value;
    one.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const choose = (each) => {
    box.setCustomValidity("");
    box.value = each.label;
    show(false);
    put(open ? each.label : each.value);
  };
  const settle = () => {
    show(false);
    if (open) return;
    const said = box.value.trim(), fits = all.filter((each) => [each.label, each.value].includes(said));
    const only = fits.length ? fits : found;
    if (said && said !== chosen()?.label && only.length === 1) return choose(only[0]);
    if (said === chosen()?.label) return;
    put("");
    box.setCustomValidity(said ? one.dataset.none : "");
  };
  const keys = {
    ArrowDown: () => list.hidden ? (draw(), mark(found.length ? 0 : -1)) : mark(Math.min(active + 1, found.length - 1)),
    ArrowUp: () => list.hidden || mark(Math.max(active - 1, 0)),
    Enter: () => list.hidden || active < 0 ? (settle(), false) : choose(found[active]),
    Escape: () => show(false),
  };

  list.id = `${one.id}-choices`;
  [list.role, list.className, list.hidden] = ["listbox", "choices", true];
  list.setAttribute("aria-label", label.textContent);
  list.addEventListener("mousedown", (event) => event.preventDefault()); // the line keeps the focus
  if (open) box.removeAttribute("list");
  else {
    [box.id, box.placeholder, box.value] = [`${one.id}-box`, one.dataset.searched, chosen()?.label ?? ""];
    for (const name of ["aria-describedby", "aria-invalid"]) if (one.hasAttribute(name)) box.setAttribute(name, one.getAttribute(name));
    label.htmlFor = box.id;
    one.setAttribute("aria-label", label.textContent);
    one.classList.add("d-none");
    one.after(box);
    for (const kind of ["input", "change"]) box.addEventListener(kind, (event) => event.stopPropagation());
  }
  box.parentElement.classList.add("searched");
  box.className = "form-select";
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["autocomplete", "off"]]) box.setAttribute(name, value);
  box.after(list);
  show(false);
  box.addEventListener("input", () => {
    const said = all.find((each) => each.label === box.value.trim());
    if (said) return choose(said);
    box.setCustomValidity("");
    draw();
    mark(found.length && box.value.trim() ? 0 : -1);
  });
  box.addEventListener("click", draw);
  box.addEventListener("blur", settle);
  box.addEventListener("keydown", (event) => { if (keys[event.key] && keys[event.key]() !== false) event.preventDefault(); });
}
const search = (place) => place.querySelectorAll("[data-searched]").forEach(searched);
search(document);

// What is wrong with a form that was sent gets the focus, so that it is read and can be mended at once.
const wrong = document.querySelector("main .alert-danger[role=alert]") ?? document.querySelector("main [aria-invalid=true]:not(.d-none)");
if (wrong && !document.querySelector("main [autofocus]")) {
  if (wrong.matches(".alert")) wrong.tabIndex = -1;
  wrong.focus();
}

// What is folded is printed, too; save where the line above says it in brief, as that of a figure does.
const folded = () => document.querySelectorAll("main section:not(.no-print) details:not([open], .brief)");
addEventListener("beforeprint", () => folded().forEach((one) => { one.open = one.dataset.opened = true; }));
addEventListener("afterprint", () => document.querySelectorAll("[data-opened]").forEach((one) => { one.open = false; delete one.dataset.opened; }));

// How many rows or questions there are now is read aloud; not all of them.
const tell = (place) => {
  if (!place.dataset.said) return;
  const many = place.querySelectorAll("tbody tr, .field").length;
  document.getElementById("said").textContent = place.querySelector(".nothing")?.textContent ?? place.dataset.said.replace("{n}", many);
};

// Questions that come up while somebody types: what they typed since the server was asked stays, and so does the focus.
const typed = (place) => [...place.querySelectorAll("input:not([type=hidden], [type=file]), select, textarea")];
const ticks = (one) => one.type === "checkbox" || one.type === "radio";
let kept = new Map(), at = "";
document.addEventListener("htmx:beforeSwap", (event) => {
  at = event.detail.target.contains(document.activeElement) ? document.activeElement.id : "";
  kept = new Map(typed(event.detail.target).filter((one) => one.id).map((one) => [one.id, ticks(one) ? one.checked : one.value]));
});
const restore = (place) => {
  for (const one of typed(place).filter((found) => kept.has(found.id))) {
    if (ticks(one)) one.checked = kept.get(one.id);
    else if (kept.get(one.id) !== one.value) one.value = kept.get(one.id);
  }
};
document.addEventListener("htmx:afterSwap", (event) => {
  restore(event.detail.target);
  search(event.detail.target);
  restore(event.detail.target);
  tell(event.detail.target);
  if (at && document.activeElement === document.body) document.getElementById(at)?.focus();
});
