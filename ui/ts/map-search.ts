// PlaceSearch is the small box by which one goes to a state or a municipality. What it
// offers while one types is the browser's own list.
interface Place {
  name: string;
  code: string;
  box: [number, number, number, number];
}

const wait = 150; // ms of silence before asking
let boxes = 0;

export class PlaceSearch {
  readonly form = document.createElement("form");
  private readonly input = document.createElement("input");
  private readonly list = document.createElement("datalist");
  private found: Place[] = [];
  private timer = 0;
  private asking: AbortController | null = null;

  constructor(
    label: string,
    go: string,
    private readonly arrive: (place: Place | null) => void,
  ) {
    const id = `mapa-lugar-${++boxes}`;
    this.form.className = "MapLive-search";
    this.form.setAttribute("role", "search");
    const name = document.createElement("label");
    name.htmlFor = id;
    name.textContent = label;
    Object.assign(this.input, { id, type: "search", className: "Field-control", autocomplete: "off", maxLength: 80 });
    this.list.id = `${id}-lista`;
    this.input.setAttribute("list", this.list.id);
    const button = document.createElement("button");
    Object.assign(button, { type: "submit", className: "Button Button--quiet", textContent: go });
    this.form.append(name, this.input, this.list, button);
    this.input.addEventListener("input", () => this.typed());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.submit();
    });
  }

  // What was chosen from the list is in the box as it stands there.
  private typed(): void {
    clearTimeout(this.timer);
    const chosen = this.found.find((p) => p.name === this.input.value);
    if (chosen) {
      this.arrive(chosen);
      return;
    }
    this.timer = setTimeout(() => void this.ask(), wait);
  }

  private async ask(): Promise<boolean> {
    this.asking?.abort();
    const words = this.input.value.trim();
    if (words.length < 2) return false;
    this.asking = new AbortController();
    try {
      const answer = await fetch(`/mapa/lugares?q=${encodeURIComponent(words)}`, { signal: this.asking.signal });
      if (!answer.ok) return false;
      this.found = (await answer.json()) as Place[];
    } catch {
      return false; // a newer question replaced this one, or the network is away
    }
    this.list.replaceChildren(...this.found.map((p) => new Option(p.name, p.name)));
    return true;
  }

  private async submit(): Promise<void> {
    clearTimeout(this.timer);
    if (await this.ask()) this.arrive(this.found[0] ?? null);
  }
}
