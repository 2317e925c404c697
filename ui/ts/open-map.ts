// OpenMap offers an interactive map in place of a picture of one. What draws it weighs ten
// times as much as all else here, so it comes only when a reader asks for it; whoever rests
// the pointer on the picture or comes to its button has it fetched ahead.
export class OpenMap {
  // dwell is how long a pointer rests before that means something, in ms.
  private static readonly dwell = 200;
  private opening = false;

  constructor(private readonly figure: HTMLElement) {
    const button = figure.querySelector<HTMLButtonElement>(".js-map-open");
    if (!button || !figure.dataset.look) return;
    button.hidden = false;
    button.addEventListener("click", () => void this.open(button));
    button.addEventListener("focus", () => this.ahead());
    let timer = 0;
    figure.addEventListener("pointerenter", (event) => {
      if (event.pointerType === "mouse") timer = setTimeout(() => this.ahead(), OpenMap.dwell);
    });
    figure.addEventListener("pointerleave", () => clearTimeout(timer));
  }

  private ahead(): void {
    // Who pays for each byte presses first.
    const connection = (navigator as { connection?: { saveData?: boolean } }).connection;
    if (!connection?.saveData) import("./map").catch(() => {}); // pressing the button tries again
  }

  private async open(button: HTMLButtonElement): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    button.setAttribute("aria-busy", "true");
    try {
      const { MapView } = await import("./map");
      const view = await MapView.open(this.figure);
      const here = document.activeElement === button;
      button.hidden = true;
      if (here) view.focus();
    } catch {
      this.opening = false; // the picture is there still, and so is the button
    }
    button.removeAttribute("aria-busy");
  }
}
