// Grid lets arrow keys walk through the cells of a table, and offers below it what can be
// done with the cell one is at. The table stays a table: one cell at a time can have the
// focus, so that those who read by ear keep the rows, columns and heads they know. All that
// it offers has its link on the page of the row or in the form of filters.
export class Grid {
  private readonly rows: HTMLTableRowElement[];
  private readonly heads: HTMLTableCellElement[];
  private readonly menu: HTMLElement | null;
  private readonly filter: HTMLFormElement | null;
  private at: HTMLTableCellElement | null = null;

  // page is how many rows a key for a page goes.
  private static readonly page = 10;

  constructor(private readonly region: HTMLElement) {
    const table = region.querySelector("table");
    this.rows = [...(table?.tBodies[0]?.rows ?? [])];
    this.heads = [...(table?.tHead?.rows[0]?.cells ?? [])];
    const around = region.parentElement;
    this.menu = around?.querySelector<HTMLElement>(".js-grid-menu") ?? null;
    this.filter = document.querySelector<HTMLSelectElement>("#filtro-columna")?.form ?? null;
    const first = this.rows[0]?.cells[1];
    if (!first) return;
    first.tabIndex = 0;
    around?.querySelector<HTMLElement>(".js-grid-keys")?.removeAttribute("hidden");
    region.addEventListener("keydown", (event) => this.key(event));
    region.addEventListener("focusin", (event) => this.arrive(event.target as HTMLElement));
    region.addEventListener("click", (event) => {
      const on = event.target as HTMLElement;
      if (!on.closest("a")) this.cellOf(on)?.focus({ preventScroll: true });
    });
    // A cell takes the focus of the pointer that presses it.
    region.addEventListener("pointerdown", (event) => {
      const on = event.target as HTMLElement;
      const cell = on.closest("a") ? null : this.cellOf(on);
      if (cell) this.rove(cell);
    });
    this.act(".js-grid-filter", () => this.narrow());
    this.act(".js-grid-copy", (button) => void this.copy(button));
    this.menu?.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.at?.focus();
    });
  }

  private act(name: string, what: (button: HTMLElement) => void): void {
    const button = this.menu?.querySelector<HTMLElement>(name);
    button?.addEventListener("click", () => what(button));
  }

  private cellOf(element: HTMLElement): HTMLTableCellElement | null {
    return element.closest<HTMLTableCellElement>("tbody td, tbody th");
  }

  // rove makes a cell the one that the tabulator comes to.
  private rove(cell: HTMLTableCellElement): void {
    for (const old of this.region.querySelectorAll<HTMLElement>("tbody [tabindex]")) if (old !== cell) old.removeAttribute("tabindex");
    cell.tabIndex = 0;
  }

  private key(event: KeyboardEvent): void {
    if (event.altKey || event.metaKey) return;
    const on = event.target as HTMLElement;
    if (on === this.region) {
      if (event.key !== "Enter" && !(event.key === " ")) return;
      this.go(this.rows[0]?.cells[1]);
      event.preventDefault();
      return;
    }
    const cell = on.matches("td, th") ? (on as HTMLTableCellElement) : null;
    if (!cell || !this.press(event, cell)) return;
    event.preventDefault();
  }

  // press does what a key on a cell means, and reports whether it means anything.
  private press(event: KeyboardEvent, cell: HTMLTableCellElement): boolean {
    const row = this.rows.indexOf(cell.parentElement as HTMLTableRowElement);
    const column = cell.cellIndex;
    const last = (this.rows[row]?.cells.length ?? 1) - 1;
    const end = this.rows.length - 1;
    const to = (r: number, c: number): boolean => this.go(this.rows[Math.min(Math.max(r, 0), end)]?.cells[Math.min(Math.max(c, 0), last)]);
    switch (event.key) {
      case "ArrowDown":
        return to(row + 1, column);
      case "ArrowUp":
        return to(row - 1, column);
      case "ArrowRight":
        return to(row, column + 1);
      case "ArrowLeft":
        return to(row, column - 1);
      case "PageDown":
        return to(row + Grid.page, column);
      case "PageUp":
        return to(row - Grid.page, column);
      case "Home":
        return to(event.ctrlKey ? 0 : row, 0);
      case "End":
        return to(event.ctrlKey ? end : row, last);
      case "Enter":
        this.rows[row]?.querySelector<HTMLAnchorElement>("th a")?.click();
        return true;
      case " ":
        this.menu?.querySelector<HTMLElement>("button:not([hidden]), a")?.focus();
        return true;
      case "Escape":
        this.region.focus();
        return true;
    }
    return false;
  }

  private go(cell: HTMLTableCellElement | undefined): boolean {
    if (cell) {
      this.rove(cell);
      cell.focus({ preventScroll: true });
      cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    return true;
  }

  // arrive shows what can be done with the cell that has the focus.
  private arrive(on: HTMLElement): void {
    const cell = on.closest<HTMLTableCellElement>("tbody td");
    this.at?.classList.remove("is-chosen");
    this.at = cell;
    if (!this.menu) return;
    this.menu.hidden = !cell;
    const link = cell?.parentElement?.querySelector<HTMLAnchorElement>("th a");
    if (!cell || !link) return;
    cell.classList.add("is-chosen");
    const plain = !cell.matches(".is-odd, .is-cut, .is-shape");
    this.show(".js-grid-filter", plain && this.filter !== null);
    this.show(".js-grid-copy", "clipboard" in navigator && !cell.matches(".is-none, .is-cut, .is-shape"));
    const where = this.menu.querySelector(".js-grid-where");
    if (where) where.textContent = `${this.name(cell)}: ${this.text(cell).slice(0, 80)}`;
    const row = this.menu.querySelector<HTMLAnchorElement>(".js-grid-row");
    const ask = this.menu.querySelector<HTMLAnchorElement>(".js-grid-ask");
    if (row) row.href = link.href;
    if (ask) ask.href = `${link.href}#celda-${this.place(cell)}`;
  }

  private show(name: string, on: boolean): void {
    const part = this.menu?.querySelector<HTMLElement>(name);
    if (part) part.hidden = !on;
  }

  private name(cell: HTMLTableCellElement): string {
    return this.heads[cell.cellIndex]?.dataset.name ?? "";
  }

  // place is where the row's own page has the cell.
  private place(cell: HTMLTableCellElement): string {
    return this.heads[cell.cellIndex]?.dataset.place ?? "";
  }

  private text(cell: HTMLTableCellElement): string {
    return (cell.querySelector(".js-grid-text") ?? cell).textContent?.trim() ?? "";
  }

  private value(cell: HTMLTableCellElement): string {
    return cell.dataset.v ?? this.text(cell);
  }

  // narrow sends the form of filters with the cell's value.
  private narrow(): void {
    if (!this.at || !this.filter) return;
    const set = (name: string, value: string): void => {
      const field = this.filter?.elements.namedItem(name);
      if (field instanceof HTMLSelectElement || field instanceof HTMLInputElement) field.value = value;
      if (field instanceof HTMLSelectElement) field.dispatchEvent(new Event("change"));
    };
    const none = this.at.matches(".is-none");
    set("filtro", this.name(this.at));
    set("op", none ? "empty" : "eq");
    set("valor", none ? "" : this.value(this.at));
    this.filter.requestSubmit();
  }

  private async copy(button: HTMLElement): Promise<void> {
    if (!this.at) return;
    await navigator.clipboard.writeText(this.value(this.at));
    const word = button.querySelector("span");
    if (!word) return;
    const before = word.textContent;
    word.textContent = button.dataset.done ?? before;
    setTimeout(() => (word.textContent = before), 2000);
  }
}
