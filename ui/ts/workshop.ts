// Workshop sends the editor's form when a field changes, and puts what comes back in the
// place of the editor: the picture follows the choice.
export class Workshop {
  private sending = 0;

  constructor(private form: HTMLFormElement) {
    this.listen();
  }

  private listen(): void {
    this.form.addEventListener("change", () => void this.send(null));
    this.form.addEventListener("submit", (event) => {
      const button = event.submitter as HTMLButtonElement | null;
      if (button?.value === "borrar") return;
      event.preventDefault();
      void this.send(button);
    });
  }

  private async send(button: HTMLButtonElement | null): Promise<void> {
    const mine = ++this.sending;
    const data = new FormData(this.form);
    data.set("hacer", button?.value ?? "ver");
    const state = this.form.querySelector(".Workshop-state");
    if (state) state.textContent = this.form.dataset.busy ?? "";
    this.form.setAttribute("aria-busy", "true");
    const body = new URLSearchParams();
    for (const [name, value] of data) body.append(name, String(value));
    try {
      const answer = await fetch(this.form.action || location.href, { method: "POST", body });
      const text = await answer.text();
      if (mine !== this.sending) return;
      const next = new DOMParser().parseFromString(text, "text/html").querySelector<HTMLFormElement>("form.js-workshop");
      if (!next) throw new Error(String(answer.status));
      if (answer.redirected) history.replaceState(null, "", answer.url);
      this.replace(next);
    } catch {
      if (mine === this.sending) this.form.submit();
    }
  }

  // replace puts the new editor in the old one's place: what was open stays open, and who
  // was at a field stays there.
  private replace(next: HTMLFormElement): void {
    const open = new Set([...this.form.querySelectorAll<HTMLDetailsElement>("details[open] > summary")].map((s) => s.textContent));
    for (const summary of next.querySelectorAll("details > summary")) if (open.has(summary.textContent)) (summary.parentElement as HTMLDetailsElement).open = true;
    const at = document.activeElement;
    const id = at?.id ?? "";
    const value = at instanceof HTMLButtonElement ? at.value : "";
    const [x, y] = [scrollX, scrollY];
    this.form.replaceWith(next);
    this.form = next;
    this.listen();
    if (id) document.getElementById(id)?.focus({ preventScroll: true });
    else if (value) next.querySelector<HTMLButtonElement>(`button[value="${CSS.escape(value)}"]`)?.focus({ preventScroll: true });
    scrollTo(x, y);
    const title = next.querySelector(".View-says")?.textContent;
    const state = next.querySelector(".Workshop-state");
    if (state && title) state.textContent = "";
  }
}
