// Live progress of long work: asks our own server once a second. Without this script the page reloads itself.
"use strict";

(() => {
  const box = document.getElementById("vorgang");
  if (!box || box.dataset.laeuft !== "ja") return;
  const bar = document.getElementById("vorgang-balken");
  const step = document.getElementById("vorgang-schritt");
  const look = async () => {
    try {
      const answer = await fetch("/vorgang/stand", { headers: { accept: "application/json" } });
      if (!answer.ok || answer.redirected) return location.reload();
      const now = await answer.json();
      if (!now.laeuft) return location.reload();
      if (now.gesamt > 0) { bar.max = now.gesamt; bar.value = now.fertig; } else { bar.removeAttribute("value"); }
      if (step.textContent !== now.zeile) step.textContent = now.zeile;
    } catch { /* the server may be busy: the next look will tell */ }
    setTimeout(look, 1000);
  };
  setTimeout(look, 500);
})();
