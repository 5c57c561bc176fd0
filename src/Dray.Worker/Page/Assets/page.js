// Everything works without this script; it keeps what is live up to date, and knows a few keys.
"use strict";
(() => {
  const connection = document.getElementById("connection");
  const main = document.querySelector("main");
  const quietest = 30000;
  let failures = 0, timer = 0;

  // Makes one tree like another, and touches only what differs: the focus, a selection and open details stay.
  function morph(old, fresh) {
    if (old.isEqualNode(fresh)) return;
    if (old.nodeType !== fresh.nodeType || old.nodeName !== fresh.nodeName || old.id !== fresh.id) {
      old.replaceWith(fresh);
      return;
    }
    if (old.nodeType !== Node.ELEMENT_NODE) {
      old.nodeValue = fresh.nodeValue;
      return;
    }
    for (const { name } of [...old.attributes]) if (name !== "open" && !fresh.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    if (old.matches("input, details[open]")) return;
    const before = [...old.childNodes], after = [...fresh.childNodes];
    after.forEach((node, at) => at < before.length ? morph(before[at], node) : old.append(node));
    before.slice(after.length).forEach(node => node.remove());
  }

  function say(text, isAway) {
    if (!connection || connection.textContent === text) return;
    connection.textContent = text;
    connection.toggleAttribute("data-away", isAway);
  }

  async function refresh() {
    timer = 0;
    try {
      const answer = await fetch(location.href, { headers: { "X-Dray-Live": "1" }, signal: AbortSignal.timeout(10000) });
      if (answer.redirected) { location.reload(); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("main");
      document.querySelectorAll("main [data-live]").forEach(old => {
        const same = fresh.querySelector("#" + CSS.escape(old.id));
        if (same) morph(old, same);
      });
      main.toggleAttribute("data-refresh", fresh.hasAttribute("data-refresh"));
      if (fresh.hasAttribute("data-refresh")) main.dataset.refresh = fresh.dataset.refresh;
      failures = 0;
      say(main.hasAttribute("data-refresh") ? "Live" : "", false);
    } catch {
      failures++;
      if (failures > 1) say("The server doesn't answer; trying again…", true);
    }
    schedule();
  }

  function schedule() {
    if (timer || document.hidden || !main.hasAttribute("data-refresh")) return;
    timer = setTimeout(refresh, Math.min(Number(main.dataset.refresh) * 2 ** failures, quietest));
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      clearTimeout(timer);
      timer = 0;
    } else if (main.hasAttribute("data-refresh") && !timer) {
      refresh();
    }
  });

  // "/" goes to the search, j and k go from row to row.
  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
    if (event.key === "/") {
      const search = document.querySelector("input[type=search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "j" || event.key === "k") {
      const links = [...document.querySelectorAll("a[data-row]")];
      const at = links.indexOf(document.activeElement);
      const next = links[event.key === "j" ? at + 1 : Math.max(0, at - 1)];
      if (next) next.focus();
    }
  });

  // An open question closes as menus do.
  document.addEventListener("click", event => {
    document.querySelectorAll("details.ask[open]").forEach(ask => { if (!ask.contains(event.target)) ask.open = false; });
  });
  document.addEventListener("keydown", event => {
    const ask = event.key === "Escape" && event.target.closest("details.ask[open]");
    if (ask) {
      ask.open = false;
      ask.querySelector("summary").focus();
    }
  });

  if (main.hasAttribute("data-refresh")) say("Live", false);
  schedule();
})();
