// Similar offers what was asked already while somebody types the title of a case. The
// form's own button does the same without it.
//
// The address in data-similar answers with a piece of page, which is put where assistive
// technology hears of it.
const wait = 400; // ms of silence before asking
const least = 3; // letters

export class Similar {
  private readonly input: HTMLInputElement;
  private readonly out: HTMLElement;
  private timer = 0;
  private asking: AbortController | null = null;

  constructor(private readonly box: HTMLElement) {
    this.input = box.querySelector("input[name=titulo]") as HTMLInputElement;
    this.out = box.querySelector(".js-similar-out") as HTMLElement;
    this.input.addEventListener("input", () => this.later());
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  private async ask(): Promise<void> {
    const words = this.input.value.trim();
    this.asking?.abort();
    if (words.length < least) {
      this.out.replaceChildren();
      return;
    }
    this.asking = new AbortController();
    try {
      const address = `${this.box.dataset.similar}&titulo=${encodeURIComponent(words)}`;
      const answer = await fetch(address, { signal: this.asking.signal });
      if (!answer.ok) return;
      const found = new DOMParser().parseFromString(await answer.text(), "text/html");
      this.out.replaceChildren(...found.body.childNodes);
    } catch {
      // newer words replaced these, or the network is away: the button still works
    }
  }
}
