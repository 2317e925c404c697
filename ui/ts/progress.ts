// Progress keeps a progress bar up to date from server-sent events whose data is
// {"done": 3, "total": 10, "note": "…", "text": "3 de 10", "end": false}. When the
// work ends the page is read again, because it then says what was done.
interface Update {
  done: number;
  total: number;
  note?: string;
  text?: string;
  end?: boolean;
}

export class Progress {
  private readonly bar: HTMLProgressElement | null;
  private readonly note: HTMLElement | null;

  constructor(element: HTMLElement) {
    this.bar = element.querySelector("progress");
    this.note = element.querySelector(".Progress-note");
    const path = element.dataset.live;
    if (!path) return;
    const events = new EventSource(path);
    events.addEventListener("message", (event) => {
      const update = JSON.parse(event.data as string) as Update;
      if (update.end) {
        events.close();
        location.reload();
        return;
      }
      this.show(update);
    });
  }

  private show(update: Update): void {
    if (this.bar && update.total > 0) this.bar.value = (100 * update.done) / update.total;
    const words = [update.text, update.note].filter(Boolean).join(" · ");
    if (this.note && this.note.textContent !== words) this.note.textContent = words;
  }
}
