"use strict";
// Keeps the page fresh: asks each second whether anything changed, and then puts in only what is new, so that open parts stay open.
(() => {
  const note = document.getElementById("note");
  let seen = Number(document.body.dataset.changes);
  let timer;

  const say = (text, bad) => {
    note.textContent = text;
    note.classList.toggle("bad", Boolean(bad));
    clearTimeout(timer);
    timer = setTimeout(() => (note.textContent = ""), bad ? 6000 : 1500);
  };

  const merge = (present, wanted) => {
    const kept = new Map([...present.children].map((child) => [child.id, child]));
    const children = [...wanted.children].map((child) => {
      const old = kept.get(child.id);
      if (old && old.dataset.v === child.dataset.v) return old;
      if (old && old.open) child.open = true;
      if (!old && child.classList.contains("message")) child.classList.add("fresh");
      return child;
    });
    if (children.length !== present.children.length || children.some((child, at) => child !== present.children[at])) {
      present.replaceChildren(...children);
    }
  };

  const refresh = async () => {
    const answer = await fetch("/");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    seen = Number(page.body.dataset.changes);
    for (const wanted of page.querySelectorAll("[data-live]")) {
      const present = document.getElementById(wanted.id);
      if (present) merge(present, wanted);
    }
  };

  const look = async () => {
    try {
      if (!document.hidden) {
        const { changes } = await (await fetch("/control/changes")).json();
        if (changes !== seen) await refresh();
      }
    } catch {
      say("The sandbox does not answer.", true);
    }
    setTimeout(look, 1000);
  };

  document.addEventListener("submit", async (event) => {
    event.preventDefault();
    const form = event.target;
    const fields = new URLSearchParams(new FormData(form, event.submitter));
    try {
      const answer = await fetch(form.getAttribute("action"), { method: "POST", body: fields });
      if (answer.ok) {
        await refresh();
        say("Done.");
      } else {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        say(page.body.textContent.replace(/Back\s*$/, "").trim() || "That did not work.", true);
      }
    } catch {
      say("The sandbox does not answer.", true);
    }
  });

  // The account follows the company.
  const company = document.getElementById("issue-provider");
  company.addEventListener("change", () => {
    const first = document.querySelector(`#accounts-${company.value} .account`);
    if (first) document.getElementById("issue-account").value = first.id.replace(`a-${company.value}-`, "");
  });

  setTimeout(look, 1000);
})();
