"use strict";
// Asks for figures as JSON and moves the bars; draws anew what is marked as live when more has changed than figures.
// Without this the page is complete, and loads itself again from time to time.
(() => {
  const address = location.pathname + location.search;
  const ended = new Set(["completed", "completed_with_failures", "failed", "superseded"]);
  const news = document.getElementById("news"); // read aloud; figures that change each second are not
  const isList = document.getElementById("runs") !== null;
  let wasGoingOn = false;
  let shown = ""; // so the first answer draws what has changed since the page was made

  const ask = (url, kind, more) => fetch(url, { ...more, cache: "no-store", headers: { Accept: kind, "Content-Type": "application/json" } });
  const json = async (url, more) => {
    const answer = await ask(url, "application/json", more);
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  // The list lags behind for runs of many chunks; asked for by name, each is counted across its whole tree.
  const runs = async () => {
    const found = await json(address);
    if (!isList) return [found];
    const ids = found.runs.filter((run) => !ended.has(run.status)).map((run) => run.run_id).slice(0, 100);
    if (!ids.length) return found.runs;
    const counted = await json("/api/runs/status" + code(), { method: "POST", body: JSON.stringify({ run_ids: ids }) });
    const byId = new Map(counted.runs.map((run) => [run.run_id, run]));
    return found.runs.map((run) => (byId.has(run.run_id) && byId.get(run.run_id).progress ? byId.get(run.run_id) : run));
  };
  const code = () => {
    const key = new URLSearchParams(location.search).get("code");
    return key ? "?code=" + encodeURIComponent(key) : "";
  };

  const move = (run) => {
    const place = document.querySelector(`[data-run="${CSS.escape(run.run_id)}"]`);
    if (!place || !run.progress.chunks) return;
    const { done, chunks } = run.progress;
    const bar = place.querySelector("progress");
    bar.max = chunks;
    bar.value = Math.max(bar.value || 0, done);
    place.querySelector("[data-figures]").textContent = `${bar.value.toLocaleString("en")} of ${chunks.toLocaleString("en")} ${chunks === 1 ? "chunk" : "chunks"}`;
  };

  const redraw = async () => {
    const answer = await ask(address, "text/html");
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const next = fresh.getElementById(part.id);
      if (!next || next.innerHTML === part.innerHTML) continue;
      const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
      part.replaceChildren(...next.childNodes);
      if (focused) document.getElementById(focused)?.focus();
    }
  };

  const poll = async () => {
    let wait = isList ? 2000 : 1000;
    try {
      if (!document.hidden) {
        const found = await runs();
        const state = JSON.stringify(found.map((run) => [run.run_id, run.status, run.phase, isList ? 0 : run.progress.done]));
        if (state !== shown) await redraw();
        shown = state;
        found.forEach(move);
        news.textContent = "";
        if (found.every((run) => ended.has(run.status))) {
          if (wasGoingOn && !isList) news.textContent = "The run has ended.";
          if (!isList) return;
          wait = 5000;
        }
        wasGoingOn = true;
      }
    } catch {
      news.textContent = "The app does not answer; the page may be out of date.";
      wait = 10000;
    }
    setTimeout(poll, wait);
  };
  poll();
})();
