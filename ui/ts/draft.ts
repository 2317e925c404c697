// Draft saves what somebody writes in an answer every few seconds, so that a closed
// window loses nothing. The form has a button for it, so nothing is lost without a
// script either. When another window has saved something newer it says so and stops:
// it never writes over it.
const pause = 4000; // ms after the last change

export class Draft {
  private timer = 0;
  private saved: string;
  private stopped = false;

  constructor(private readonly form: HTMLFormElement) {
    this.saved = this.written();
    form.addEventListener("input", () => this.later());
    form.addEventListener("submit", () => {
      this.stopped = true;
      clearTimeout(this.timer);
    });
  }

  // written is what the form would send, without the version that it was begun with.
  private written(): string {
    const data = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === "string" && name !== "version") data.append(name, value);
    }
    return data.toString();
  }

  private later(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.save(), pause);
  }

  private async save(): Promise<void> {
    const address = this.form.dataset.save;
    const version = this.form.elements.namedItem("version");
    const now = this.written();
    if (!address || !(version instanceof HTMLInputElement) || now === this.saved || this.stopped) return;
    const data = new URLSearchParams(now);
    data.set("version", version.value);
    try {
      const answer = await fetch(address, { method: "POST", body: data, headers: { Accept: "application/json" } });
      const got = (await answer.json()) as { version?: number; said?: string };
      if (answer.ok && got.version) {
        this.saved = now;
        version.value = String(got.version);
      } else if (answer.status === 409) {
        this.stopped = true;
      }
      this.say(got.said ?? "");
    } catch {
      // No network for a moment: what is typed stays in the form, and is saved with the next change.
    }
    if (!this.stopped && this.written() !== this.saved) this.later();
  }

  private say(words: string): void {
    const place = this.form.querySelector<HTMLElement>(".js-draft-said");
    if (place && words) place.textContent = words;
  }
}
