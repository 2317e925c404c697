// Inbox moves through an institution's cases by single keys: j and k to the next and the
// one before, x chooses, o opens, / goes to the search. Keys do nothing while somebody
// writes or holds a modifier, and every one of them has its link or box on the page.
export class Inbox {
  private readonly cases: HTMLElement[];
  private at = -1;

  constructor(private readonly form: HTMLElement) {
    this.cases = [...form.querySelectorAll<HTMLElement>(".js-inbox-case")];
    document.addEventListener("keydown", (event) => this.key(event));
    form.querySelector<HTMLInputElement>(".js-inbox-all")?.addEventListener("change", (event) => {
      const on = (event.target as HTMLInputElement).checked;
      for (const box of this.boxes()) box.checked = on;
    });
    form.addEventListener("change", (event) => this.untickAll(event));
  }

  private boxes(): HTMLInputElement[] {
    return [...this.form.querySelectorAll<HTMLInputElement>('input[name="caso"]')];
  }

  // untickAll keeps "all of this page" true: one that is taken out is not among all.
  private untickAll(event: Event): void {
    const box = event.target as HTMLInputElement;
    const all = this.form.querySelector<HTMLInputElement>(".js-inbox-all");
    if (all && box.name === "caso" && !box.checked) all.checked = false;
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented) return;
    const on = event.target as HTMLElement;
    if (on.isContentEditable || on.matches("textarea, select, input:not([type=checkbox])")) return;
    switch (event.key) {
      case "j":
        this.go(this.current() + 1);
        break;
      case "k":
        this.go(this.current() - 1);
        break;
      case "x":
        this.choose();
        break;
      case "o":
        this.cases[this.current()]?.querySelector<HTMLAnchorElement>(".js-inbox-open")?.click();
        break;
      case "/":
        document.querySelector<HTMLInputElement>("#q-consultas")?.focus();
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  // current is the case that has the focus or, when none has, the last one gone to.
  private current(): number {
    const focused = this.cases.findIndex((c) => c.contains(document.activeElement));
    return focused < 0 ? this.at : focused;
  }

  private go(to: number): void {
    const next = this.cases[to];
    if (!next) return;
    const fold = next.closest("details");
    if (fold) fold.open = true;
    this.at = to;
    next.querySelector<HTMLAnchorElement>(".js-inbox-open")?.focus();
    next.scrollIntoView({ block: "nearest" });
  }

  private choose(): void {
    const box = this.cases[this.current()]?.querySelector<HTMLInputElement>('input[name="caso"]');
    if (!box) return;
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
}
