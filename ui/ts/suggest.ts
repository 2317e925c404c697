// Suggest offers what there is while somebody types in the search box: a combobox
// with a list, as WAI-ARIA describes it. The form works the same without it.
//
// The address in data-suggest answers ?q= with
// [{"text": "…", "kind": "…", "path": "/datos/…"}]; path may be missing.
interface Suggestion {
  text: string;
  kind?: string;
  path?: string;
}

const wait = 150; // ms of silence before asking

export class Suggest {
  private readonly input: HTMLInputElement;
  private readonly list: HTMLUListElement;
  private found: Suggestion[] = [];
  private active = -1;
  private timer = 0;
  private asking: AbortController | null = null;

  constructor(private readonly form: HTMLFormElement) {
    this.input = form.querySelector("input[type=search]") as HTMLInputElement;
    this.list = document.createElement("ul");
    this.list.className = "Search-list";
    this.list.id = `${this.input.id}-lista`;
    this.list.hidden = true;
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", form.dataset.suggestLabel ?? "");
    form.append(this.list);

    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-autocomplete", "list");
    this.input.setAttribute("aria-controls", this.list.id);
    this.input.setAttribute("aria-expanded", "false");

    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    this.form.addEventListener("submit", (event) => this.submit(event));
    this.list.addEventListener("mousedown", (event) => this.click(event));
  }

  private later(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  private async ask(): Promise<void> {
    const words = this.input.value.trim();
    this.asking?.abort();
    if (words.length < 2) {
      this.close();
      return;
    }
    this.asking = new AbortController();
    try {
      const address = `${this.form.dataset.suggest}?q=${encodeURIComponent(words)}`;
      const answer = await fetch(address, { signal: this.asking.signal });
      this.show(words, answer.ok ? ((await answer.json()) as Suggestion[]) : []);
    } catch {
      // a newer question replaced this one, or the network is away: the form still works
    }
  }

  private show(words: string, found: Suggestion[]): void {
    this.found = found;
    this.list.dataset.for = words;
    this.active = -1;
    this.list.replaceChildren(...found.map((s, i) => this.option(s, i)));
    const open = found.length > 0 && document.activeElement === this.input;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.input.removeAttribute("aria-activedescendant");
  }

  private option(suggestion: Suggestion, index: number): HTMLLIElement {
    const item = document.createElement("li");
    item.className = "Search-option";
    item.id = `${this.list.id}-${index}`;
    item.dataset.index = String(index);
    item.setAttribute("role", "option");
    item.setAttribute("aria-selected", "false");
    item.append(suggestion.text);
    if (suggestion.kind) {
      const kind = document.createElement("small");
      kind.textContent = suggestion.kind;
      item.append(" ", kind);
    }
    return item;
  }

  private key(event: KeyboardEvent): void {
    if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      this.close();
      return;
    }
    if (this.list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = this.found.length + 1; // one of them is the box itself
      this.mark(((this.active + 1 + step + places) % places) - 1);
    }
  }

  // Enter is heard where it arrives, at the form: keyboards on a screen do not name
  // their keys, and a key whose page is being left would still send the form.
  private submit(event: SubmitEvent): void {
    if (this.list.hidden || this.active < 0) return;
    event.preventDefault();
    this.choose(this.active);
  }

  private mark(index: number): void {
    this.active = index;
    for (const [i, item] of [...this.list.children].entries()) {
      item.setAttribute("aria-selected", String(i === index));
    }
    if (index < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${index}`);
  }

  private click(event: MouseEvent): void {
    const item = (event.target as HTMLElement).closest<HTMLElement>("[data-index]");
    if (!item) return;
    event.preventDefault();
    this.choose(Number(item.dataset.index));
  }

  private choose(index: number): void {
    const chosen = this.found[index];
    if (!chosen) return;
    if (chosen.path) {
      location.assign(chosen.path);
      return;
    }
    this.input.value = chosen.text;
    this.close();
    this.form.requestSubmit();
  }

  private close(): void {
    clearTimeout(this.timer);
    this.asking?.abort();
    this.active = -1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}
