"use strict";
// The page is complete without this. It reads nothing but the page, and sets only text, classes, attributes of its own and what is hidden.
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const main = document.querySelector("main");
  const items = all("[data-item]");
  const cards = all(".card");
  const filters = { text: "", table: "", family: "", severity: "" };
  const FEW = 20; // found items of which the inner folds are opened, too
  let texts = null; // of the items, once somebody searches
  let opened = []; // folds that a search opened

  function made(tag, text = "", attributes = {}) {
    const element = document.createElement(tag);
    element.textContent = text;
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  }

  function button(text, label, press) {
    const element = made("button", text, { type: "button", "aria-label": label });
    element.addEventListener("click", () => press(element));
    return element;
  }

  // ---- copy ----

  async function copy(text, pressed) {
    const before = pressed.textContent;
    pressed.textContent = (await toClipboard(text)) ? "copied" : "not allowed";
    hits.value = `${pressed.textContent}: ${pressed.getAttribute("aria-label")}`;
    setTimeout(() => { pressed.textContent = before; }, 1500);
  }

  async function toClipboard(text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      return copiedByHand(text); // older browsers, or a page that the browser does not trust
    }
  }

  function copiedByHand(text) {
    const area = made("textarea", text, { readonly: "", class: "unseen" });
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }

  // ---- folds and anchors ----

  function unfold(element) {
    const folds = [];
    for (let at = element; at; at = at.parentElement) {
      if (at.tagName === "DETAILS" && !at.open) {
        at.open = true;
        folds.push(at);
      }
    }
    return folds;
  }

  function reveal(element) {
    if (element.closest("[hidden]")) reset();
    unfold(element);
    element.setAttribute("tabindex", "-1");
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "start" });
  }

  function follow() {
    let name = location.hash.slice(1);
    try { name = decodeURIComponent(name); } catch { /* it is no code, so it is meant as it stands */ }
    const target = name && document.getElementById(name);
    if (target) reveal(target);
  }

  // ---- search and filters ----

  function causesOf(table) {
    const place = document.getElementById(table)?.closest(".place");
    return place ? new Set(all('a[href^="#cause-"]', place).map((link) => link.hash.slice(1))) : new Set();
  }

  const links = (item) => all('a[href^="#"]', item).map((link) => link.hash.slice(1)).filter((id) => document.getElementById(id)?.matches(".card"));

  // A card is chosen by what it is, any other line by the cards that it links to, or by the table that it is about.
  function chosen(item, table, causes) {
    if (!item.classList.contains("card")) {
      if (table && !item.contains(table) && !item.querySelector(`a[href="#${CSS.escape(table.id)}"]`)) return false;
      return !(filters.family || filters.severity) || links(item).some((id) => chosen(document.getElementById(id), table, causes));
    }
    if (filters.severity && item.dataset.severity !== filters.severity) return false;
    if (filters.family && item.dataset.family !== filters.family) return false;
    return !table || causes.has(item.id);
  }

  function filter() {
    const words = filters.text.toLowerCase().split(/\s+/).filter(Boolean);
    if (words.length && !texts) texts = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));
    const table = filters.table && document.getElementById(filters.table);
    const causes = table ? causesOf(filters.table) : new Set();
    const active = words.length > 0 || ["table", "family", "severity"].some((name) => filters[name]);
    opened.forEach((fold) => { fold.open = false; });
    const found = items.filter((item) => {
      const good = words.every((word) => texts.get(item).includes(word)) && chosen(item, table, causes);
      item.hidden = !good;
      return good;
    });
    opened = active ? found.slice(0, 500).flatMap((item) => unfold(item.parentElement)) : [];
    if (words.length && found.length <= FEW) opened.push(...found.flatMap((item) => all("details:not([open])", item)).filter((fold) => says(fold, words)));
    opened.forEach((fold) => { fold.open = true; });
    for (const section of all("section.cards")) section.hidden = active && !section.querySelector("[data-item]:not([hidden])");
    tell(found, active);
  }

  const says = (fold, words) => words.some((word) => fold.textContent.toLowerCase().includes(word));

  function tell(found, active) {
    const shown = found.filter((item) => item.classList.contains("card")).length;
    hits.value = active ? `shown: ${shown} of ${cards.length} cards, ${found.length} of ${items.length} entries` : "";
    clear.hidden = !active;
  }

  function reset() {
    for (const name of Object.keys(filters)) filters[name] = "";
    search.value = "";
    for (const select of all("select", tools)) select.value = "";
    filter();
  }

  function choice(name, label, options) {
    const select = made("select", "", { "aria-label": name[0].toUpperCase() + name.slice(1) });
    select.append(made("option", label, { value: "" }));
    for (const [value, text] of options) select.append(made("option", text, { value }));
    select.addEventListener("change", () => { filters[name] = select.value; filter(); });
    return select;
  }

  const values = (name) => [...new Set(cards.map((card) => card.dataset[name]).filter(Boolean))].map((value) => [value, value]);
  const tables = all('[id^="table-"]').map((element) => [element.id, element.textContent]);

  // ---- keyboard ----

  const KEYS = [["/", "search"], ["j  k", "next and previous card"], ["Esc", "leave the search, or take it back"], ["?", "this help"]];

  function step(way) {
    const shown = cards.filter((card) => !card.closest("[hidden]"));
    const at = shown.indexOf(document.activeElement?.closest?.(".card"));
    const next = shown[at < 0 && way < 0 ? shown.length - 1 : at + way];
    if (next) reveal(next);
  }

  function help() {
    const dialog = made("dialog", "", { "aria-label": "Keyboard" });
    const list = made("dl");
    for (const [key, text] of KEYS) {
      const word = made("dt");
      word.append(made("kbd", key));
      list.append(word, made("dd", text));
    }
    dialog.append(made("h2", "Keyboard"), list);
    dialog.addEventListener("close", () => dialog.remove());
    dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
    document.body.append(dialog);
    dialog.showModal();
  }

  function press(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName);
    if (event.key === "Escape") {
      reset();
      if (typing) event.target.blur();
    } else if (!typing && KEYBOARD[event.key]) {
      event.preventDefault();
      KEYBOARD[event.key]();
    }
  }

  const KEYBOARD = { "/": () => search.focus(), j: () => step(1), k: () => step(-1), "?": help };

  // ---- what is seen ----

  const tools = made("search", "", { class: "tools", role: "search", "aria-label": "Search and filter this report" });
  const search = made("input", "", { type: "search", placeholder: "search ( / )", "aria-label": "Search", autocomplete: "off" });
  const hits = made("output", "", { "aria-live": "polite" });
  const clear = button("show all", "Show all again", reset);
  let waiting = 0;
  search.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { filters.text = search.value; filter(); }, 120);
  });
  tools.append(search);
  for (const [name, label, options] of [
    ["table", "all tables", tables], ["family", "all families", values("family")], ["severity", "all severities", values("severity")],
  ]) if (options.length > 1) tools.append(choice(name, label, options));
  tools.append(button("?", "Keyboard help", help), clear, hits);
  clear.hidden = true;
  if (items.length) (main.querySelector("section.cards") ?? items[0].closest("section")).before(tools);

  for (const box of all(".copied")) {
    const pre = box.querySelector("pre");
    box.append(button("copy", "Copy this command", (pressed) => copy(pre.textContent, pressed)));
  }
  for (const card of cards.filter((each) => each.id)) {
    card.setAttribute("tabindex", "-1");
    card.querySelector(".tags").append(button("link", "Copy the link to this card", (pressed) => copy(`${location.href.split("#")[0]}#${card.id}`, pressed)));
  }
  let printed = [];
  addEventListener("beforeprint", () => { printed = all("details:not([open])"); printed.forEach((fold) => { fold.open = true; }); });
  addEventListener("afterprint", () => { printed.forEach((fold) => { fold.open = false; }); printed = []; });
  addEventListener("hashchange", follow);
  addEventListener("click", (event) => { // a link that was followed before changes no address, but what it leads to may be folded again
    if (event.target.closest?.('a[href^="#"]')?.hash === location.hash) follow();
  });
  addEventListener("keydown", press);
  follow();
})();
