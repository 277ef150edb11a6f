// What the page needs beyond Gradio: opening a quotation from its number, and telling screen readers the verdict.
// Nothing is stored, nothing is sent. Without this script everything can still be read.
"use strict";

(() => {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const scroll = (element) =>
    element.scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "nearest" });

  // Gradio sets the language of the page to the browser's; this page has its own.
  const root = document.documentElement;
  const own = root.dataset.sprache || "de";
  const keep = () => { if (root.lang !== own) root.lang = own; };
  new MutationObserver(keep).observe(root, { attributes: true, attributeFilter: ["lang"] });
  keep();

  // A number in the text opens its quotation, a link below the verdict leads to the note. Handled here so that
  // no address with "#" lands in the history.
  document.addEventListener(
    "click",
    (event) => {
      const link = event.target instanceof Element ? event.target.closest("a.lp-ref, a.lp-sprung, .lp-zur-akte a") : null;
      if (!link || link.hash.length < 2) return;
      const target = document.getElementById(link.hash.slice(1));
      if (!target) return;
      event.preventDefault();
      event.stopPropagation();
      if (link.classList.contains("lp-sprung")) {
        (target.querySelector("textarea") || target).focus();
        return;
      }
      const details = target.querySelector("details");
      if (details) details.open = true;
      target.focus({ preventScroll: true });
      scroll(target);
    },
    true,
  );

  // A note for the file: fetched from our own server and handed to the browser as a download or to the clipboard.
  const copy = async (text) => {
    if (navigator.clipboard) return navigator.clipboard.writeText(text);
    // Without https browsers offer no clipboard; the old way still works.
    const box = document.createElement("textarea");
    box.value = text;
    box.className = "lp-nur-vorlesen";
    document.body.append(box);
    const before = document.activeElement;
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    if (before instanceof HTMLElement) before.focus();
    if (!done) throw new Error("copy");
  };
  const save = (content, name) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(content);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  };
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || form.getAttribute("action") !== "/vermerk") return;
    event.preventDefault();
    const button = event.submitter;
    const line = button.closest("section").querySelector(".lp-vermerk-lage");
    const asked = new URLSearchParams(new FormData(form));
    asked.set("art", button.value === "docx" ? "docx" : "md");
    line.textContent = "";
    try {
      const answer = await fetch("/vermerk", { method: "POST", body: asked });
      if (!answer.ok) {
        line.textContent = (await answer.text()).trim();
      } else if (button.value === "kopie") {
        await copy(await answer.text());
        line.textContent = line.dataset.kopiert;
      } else {
        const name = (answer.headers.get("content-disposition") || "").split('"')[1] || "vermerk.md";
        save(await answer.blob(), name);
        line.textContent = line.dataset.gespeichert.replace("{}", name);
      }
    } catch {
      line.textContent = line.dataset.fehler;
    }
  });

  // A new verdict is read out once, and scrolled to where it is not in view (on a phone it is below the question).
  const live = document.getElementById("lp-ansage");
  let shown = "";
  let settling = 0;
  const bring = (article) => {
    const verdict = article.querySelector(".lp-urteil");
    const box = verdict.getBoundingClientRect();
    if (box.bottom <= window.innerHeight && box.top >= 0) return;
    // Much enlarged, the question alone may fill the view: then the verdict itself comes to the top.
    const together = box.bottom - article.getBoundingClientRect().top <= window.innerHeight;
    (together ? article : verdict).scrollIntoView({ behavior: calm.matches ? "auto" : "smooth", block: "start" });
  };
  const announce = () => {
    const article = document.querySelector("#lp-antwort .lp-antwort");
    const id = article ? article.getAttribute("aria-labelledby") : "";
    const isNew = id !== shown;
    if (isNew || settling) {
      // What stands above changes with the answer (the waiting line goes): its place is known once that is done.
      clearTimeout(settling);
      settling = article ? setTimeout(() => { settling = 0; bring(article); }, 120) : 0;
    }
    if (!isNew) return;
    shown = id;
    if (!article || !live) return;
    const banner = article.querySelector(".lp-urteil-text");
    live.textContent = banner ? banner.innerText.replace(/\s+/g, " ").slice(0, 400) : "";
  };

  const app = document.querySelector("gradio-app");
  if (app) new MutationObserver(announce).observe(app, { childList: true, subtree: true });
})();
