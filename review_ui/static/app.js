// Keys, quoting by selection, and options that follow the chosen code. Every page works without this file.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.add("scripted");
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const one = (selector, from = document) => from.querySelector(selector);
  const say = (text) => { const line = one("#said"); if (line) { line.textContent = ""; line.textContent = text; } };
  const keys = JSON.parse(document.body.dataset.keys || "{}");
  const points = (text) => Array.from(text).length; // offsets are code points, as on the server

  // --- keys: silent while typing and while an input method composes -----------------------------------------------
  let pending = "";
  let forget = 0;
  const typing = (target) => target instanceof Element
    && (target.isContentEditable || target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])"));
  const press = (element) => {
    if (!element) return false;
    if (element.matches("input, textarea")) { element.focus(); element.select(); } else { element.click(); }
    return true;
  };
  const move = (step) => {
    const rows = all("[data-row]");
    if (!rows.length) return false;
    const at = rows.indexOf(document.activeElement);
    const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step))];
    next.focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
  const perform = (act) => {
    if (act === "down") return move(1);
    if (act === "up") return move(-1);
    if (act === "open") return document.activeElement && document.activeElement.matches("[data-row]") ? press(document.activeElement) : false;
    return press(one(`[data-key="${act}"]`));
  };
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key !== keys.down && event.key !== keys.up) return;
    if (typing(event.target)) { if (event.key === "Escape") event.target.blur(); return; }
    const dialog = one("#help");
    if (dialog && dialog.open) return;
    if (/^[1-9]$/.test(event.key)) {
      const code = one(`[data-code-key="${event.key}"]`);
      if (code) { event.preventDefault(); code.click(); code.focus(); }
      return;
    }
    const typed = pending ? `${pending} ${event.key}` : event.key;
    pending = "";
    clearTimeout(forget);
    const act = Object.keys(keys).find((name) => keys[name] === typed);
    if (act) { if (perform(act)) event.preventDefault(); return; }
    if (Object.values(keys).some((value) => value.startsWith(`${event.key} `))) {
      pending = event.key;
      forget = setTimeout(() => { pending = ""; }, 1200);
    }
  });
  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (target && target.closest("[data-help]")) one("#help").showModal();
    if (target && target.closest("[data-quote]")) quote();
    all(".why[open]").forEach((details) => { if (!details.contains(target)) details.open = false; });
  });

  // --- quoting: the selection in the reading pane becomes offsets into the original text --------------------------
  const place = (node, offset, atEnd) => {
    const element = node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement;
    let piece = element && element.closest("[data-s]");
    if (!piece) {
      const pane = one("#text");
      const inside = node === pane ? pane.childNodes[atEnd ? offset - 1 : offset] : element;
      const near = inside && inside.nodeType === Node.ELEMENT_NODE ? (inside.matches("[data-s]") ? inside : (atEnd ? inside.previousElementSibling : inside.nextElementSibling)) : null;
      piece = near && near.matches("[data-s]") ? near : null;
      if (!piece) return null;
      return Number(atEnd ? piece.dataset.e : piece.dataset.s);
    }
    const start = Number(piece.dataset.s);
    if ("atom" in piece.dataset || piece.classList.contains("masked")) return atEnd ? Number(piece.dataset.e) : start;
    const range = document.createRange();
    range.selectNodeContents(piece);
    range.setEnd(node, offset);
    return start + points(range.toString());
  };
  const quote = () => {
    const pane = one("#text[data-quotable]");
    const select = one("#f-quote");
    const selection = window.getSelection();
    const range = selection && selection.rangeCount ? selection.getRangeAt(0) : null;
    if (!pane || !select || !range || range.collapsed || !pane.contains(range.commonAncestorContainer)) { say(one("#said").dataset.noSelection); return; }
    const start = place(range.startContainer, range.startOffset, false);
    const end = place(range.endContainer, range.endOffset, true);
    if (start === null || end === null || end <= start) { say(one("#said").dataset.noSelection); return; }
    const value = `${pane.dataset.item}:${start}:${end}`;
    let option = all("option", select).find((known) => known.value === value);
    if (!option) {
      option = document.createElement("option");
      option.value = value;
      select.append(option);
    }
    const copy = range.cloneContents();
    all(".no", copy).forEach((number) => number.remove());
    option.textContent = option.textContent || `“${copy.textContent.slice(0, 90)}”`;
    option.selected = true;
    const shown = one("#quoted");
    shown.textContent = copy.textContent;
    shown.hidden = false;
    say(one("#said").dataset.quoted);
  };

  // --- the chosen code: its sections, its grounds, its policy beside the form --------------------------------------
  const follow = (form) => {
    const chosen = one("input[name=outcome]:checked", form);
    const code = chosen && !chosen.classList.contains("no-harm") ? chosen.value : "";
    all("[data-by-code] [data-codes]", form).forEach((entry) => {
      const fits = code !== "" && entry.dataset.codes.split(" ").includes(code);
      entry.hidden = !fits;
      entry.disabled = !fits;
      if (!fits && code) { entry.selected = false; all("input", entry).forEach((box) => { box.checked = false; }); }
    });
    all("fieldset:has([data-by-code])", form).forEach((set) => { set.hidden = !one("[data-codes]:not([hidden])", set); });
    const beside = one("#policy-body");
    if (code && beside && window.htmx && form.dataset.shown !== code) {
      form.dataset.shown = code;
      window.htmx.ajax("GET", form.dataset.policy + code, { target: "#policy-body", select: "#policy-body", swap: "outerHTML" });
    }
  };
  const decide = one("#decide");
  if (decide) {
    decide.addEventListener("change", (event) => {
      if (event.target.name === "outcome") follow(decide);
      if (event.target.name === "context" && event.target.checked) { // 'none' excludes the others
        all("input[name=context]", decide).forEach((box) => { if ((box.value === "none") !== (event.target.value === "none")) box.checked = false; });
      }
    });
    follow(decide);
  }

  // --- what was typed is not lost by a stray click ----------------------------------------------------------------
  let dirty = false;
  document.addEventListener("input", (event) => { if (event.target.closest("#decide")) dirty = true; });
  document.addEventListener("submit", (event) => { if (!event.target.matches(".next")) dirty = false; });
  window.addEventListener("beforeunload", (event) => { if (dirty) event.preventDefault(); });
  const bad = one(".wrong");
  if (bad) { const field = bad.closest(".field"); const control = field && one("input, select, textarea", field); if (control) control.focus(); }
})();
