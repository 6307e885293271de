// What the pages do beside htmx. Without this file they work: links and plain forms.
"use strict";

(() => {
  const login = document.querySelector("form[data-login]");
  if (login && location.hash.length > 1) {
    login.elements.code.value = location.hash.slice(1);
    history.replaceState(null, "", location.pathname); // the code works once, and stays in no history
    login.submit();
  }

  // Times are written in UTC; the reader's own clock is a hint beside them.
  const localTimes = () => {
    for (const one of document.querySelectorAll("time[datetime]:not([title])")) {
      const moment = new Date(one.getAttribute("datetime"));
      if (!Number.isNaN(moment.valueOf())) one.title = `${moment.toLocaleString()} (your clock)`;
    }
  };
  localTimes();
  const zone = document.getElementById("zone");
  const offset = -new Date().getTimezoneOffset();
  if (zone && offset !== 0) {
    const pad = (n) => String(n).padStart(2, "0");
    const away = Math.abs(offset);
    zone.textContent = ` Your clock is UTC${offset > 0 ? "+" : "−"}${pad(Math.floor(away / 60))}:${pad(away % 60)}.`;
  }

  const note = document.getElementById("note");
  const say = (text) => { if (note) note.textContent = text; };
  document.addEventListener("htmx:afterSettle", () => { say(""); localTimes(); });
  document.addEventListener("htmx:responseError", () => say("This page could not be brought up to date. Reload it."));
  document.addEventListener("htmx:sendError", () => say("The broker does not answer. What you see may be old."));
})();
