// Linked makes the views of a tool answer at once. A click that would load the page with
// something chosen loads the views alone, the one in sight first; marks tell what they show,
// which is their row of the table of values, to the pointer and to the arrow keys.
import { OpenMap } from "./open-map";

export class Linked {
  private busy = 0;
  private readonly said: HTMLElement;
  private readonly tip: HTMLElement;

  constructor(private readonly views: HTMLElement) {
    this.said = document.createElement("p");
    this.said.className = "u-hidden";
    this.said.setAttribute("aria-live", "polite");
    this.tip = document.createElement("p");
    this.tip.className = "MarkTip";
    this.tip.setAttribute("aria-hidden", "true");
    this.tip.hidden = true;
    views.after(this.said, this.tip);
    document.addEventListener("click", (event) => this.click(event));
    document.addEventListener("submit", (event) => this.submit(event));
    document.addEventListener("change", (event) => (event.target as Element).closest<HTMLFormElement>(".js-choose")?.requestSubmit());
    views.addEventListener("plaza:choose", (event) => this.chosen(event as CustomEvent<{ column: string; value: string }>));
    views.addEventListener("pointermove", (event) => this.point(event));
    views.addEventListener("pointerleave", () => (this.tip.hidden = true));
    views.addEventListener("keydown", (event) => this.key(event));
    addEventListener("popstate", () => void this.load(new URL(location.href), false));
    this.reachable();
  }

  // reachable lets the keyboard come to the pictures.
  private reachable(): void {
    for (const box of this.views.querySelectorAll<HTMLElement>(".js-marks")) {
      if (!box.querySelector("[data-row]")) continue;
      box.tabIndex = 0;
      box.classList.add("View-marks");
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", box.querySelector("svg")?.getAttribute("aria-label") ?? "");
    }
  }

  private click(event: MouseEvent): void {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = (event.target as Element).closest<HTMLAnchorElement | SVGAElement>("a");
    if (!link || !(this.views.contains(link) || link.closest(".Choose"))) return;
    const to = new URL(link.getAttribute("href") ?? "", location.href);
    if (to.origin !== location.origin || to.pathname !== location.pathname) return;
    event.preventDefault();
    void this.load(to, true);
  }

  private submit(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (!form.matches(".js-choose")) return;
    event.preventDefault();
    const to = new URL(location.pathname, location.href);
    for (const [name, value] of new FormData(form)) if (value) to.searchParams.append(name, String(value));
    void this.load(to, true);
  }

  // chosen is what the map tells of a place that was chosen.
  private chosen(event: CustomEvent<{ column: string; value: string }>): void {
    const to = new URL(location.href);
    const name = `f.${event.detail.column}`;
    const kept = to.searchParams.getAll(name).filter((value) => value !== event.detail.value);
    if (kept.length === to.searchParams.getAll(name).length) kept.push(event.detail.value);
    to.searchParams.delete(name);
    for (const value of kept) to.searchParams.append(name, value);
    to.hash = "";
    void this.load(to, true);
  }

  // load fetches every view for an address, those in sight first, and what was chosen.
  private async load(to: URL, push: boolean): Promise<void> {
    const mine = ++this.busy;
    if (push) history.pushState(null, "", to);
    this.tip.hidden = true;
    this.views.setAttribute("aria-busy", "true");
    this.said.textContent = this.views.dataset.busy ?? "";
    const views = [...this.views.querySelectorAll<HTMLElement>("[data-fragment]")];
    const seen = (view: HTMLElement) => {
      const box = view.getBoundingClientRect();
      return box.bottom > 0 && box.top < innerHeight ? 0 : 1;
    };
    views.sort((a, b) => seen(a) - seen(b));
    try {
      await Promise.all([...views.map((view) => this.swap(view, to, mine)), this.choices(to, mine)]);
    } catch {
      if (mine === this.busy) location.assign(to);
    } finally {
      if (mine === this.busy) {
        this.views.removeAttribute("aria-busy");
        this.said.textContent = this.views.querySelector(".View-says")?.textContent ?? "";
      }
    }
  }

  private async swap(view: HTMLElement, to: URL, mine: number): Promise<void> {
    const answer = await fetch(part(view.dataset.fragment ?? "", to));
    if (!answer.ok) throw new Error(String(answer.status));
    const text = await answer.text();
    if (mine !== this.busy) return;
    const next = new DOMParser().parseFromString(text, "text/html").querySelector<HTMLElement>("[data-view]");
    if (!next) return;
    const open = view.querySelector<HTMLDetailsElement>(".View-numbers")?.open ?? false;
    const numbers = next.querySelector<HTMLDetailsElement>(".View-numbers");
    if (numbers) numbers.open = open;
    const focused = view.contains(document.activeElement) ? document.activeElement : null;
    if (view.querySelector(".MapLive")) {
      // a map that moves stays: it takes the new values
      view.querySelector(".js-map")?.dispatchEvent(new CustomEvent("plaza:values", { detail: to.search }));
      for (const part of [".View-says", ".View-numbers", ".View-facts", ".View-key"]) {
        const was = view.querySelector(part);
        const will = next.querySelector(part);
        if (was && will) was.replaceWith(will);
      }
    } else {
      view.replaceWith(next);
      for (const figure of next.querySelectorAll<HTMLElement>(".js-map")) new OpenMap(figure);
      this.reachable();
      if (focused) this.stay(view, next, focused);
    }
  }

  // stay keeps the focus, and the mark that was walked to, where they were in a view.
  private stay(view: HTMLElement, next: HTMLElement, was: Element): void {
    const marks = [...next.querySelectorAll<HTMLElement>(".js-marks")].find((box) => box.offsetParent !== null);
    const row = view.querySelector(".js-marks .is-chosen")?.getAttribute("data-row");
    if (row) marks?.querySelector(`[data-row="${row}"]`)?.classList.add("is-chosen");
    const link = was.matches("a") && [...next.querySelectorAll<HTMLElement>("table a")].find((a) => a.textContent === was.textContent && a.offsetParent !== null);
    (link || marks || next.querySelector<HTMLElement>("summary"))?.focus({ preventScroll: true });
  }

  // choices takes what says what was chosen, for an address.
  private async choices(to: URL, mine: number): Promise<void> {
    const path = this.views.dataset.chosen;
    if (!path) return;
    const answer = await fetch(part(path, to));
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (mine !== this.busy) return;
    const was = document.querySelector(".Choose");
    const will = page.querySelector(".Choose");
    const at = was?.contains(document.activeElement) ? document.activeElement : null;
    if (was && will) was.replaceWith(will);
    if (!at) return;
    // a choice that was taken back has no place any more: the next one has, or the first picture
    const marks = [...this.views.querySelectorAll<HTMLElement>(".js-marks")].find((box) => box.offsetParent !== null);
    ((at.id && document.getElementById(at.id)) || will?.querySelector<HTMLElement>(".Chip") || marks)?.focus({ preventScroll: true });
  }

  // row is what a mark shows, by its row of the table of values.
  private row(mark: Element): string {
    const table = mark.closest("[data-view]")?.querySelector("table");
    const row = table?.querySelector(`tr[data-row="${mark.getAttribute("data-row")}"]`);
    if (!table || !row) return mark.getAttribute("aria-label") ?? mark.querySelector("title")?.textContent ?? "";
    const heads = [...table.querySelectorAll("thead th")].map((head) => head.textContent ?? "");
    return [...row.children].map((cell, i) => (cell.tagName === "TH" ? `${cell.textContent}` : `${heads[i]}: ${cell.textContent}`)).join("\n");
  }

  private point(event: PointerEvent): void {
    const mark = (event.target as Element).closest(".js-marks [data-row]");
    if (!mark) {
      this.tip.hidden = true;
      return;
    }
    this.show(this.row(mark), event.clientX, event.clientY);
  }

  private show(text: string, x: number, y: number): void {
    this.tip.textContent = text;
    this.tip.style.whiteSpace = "pre-line";
    this.tip.hidden = !text;
    const box = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(4, Math.min(innerWidth - box.width - 4, x + 12))}px`;
    this.tip.style.top = `${y + 16 + box.height > innerHeight ? y - box.height - 10 : y + 16}px`;
  }

  // key walks from mark to mark; Enter chooses.
  private key(event: KeyboardEvent): void {
    const box = event.target as HTMLElement;
    if (!box.matches(".js-marks")) return;
    const marks = [...box.querySelectorAll<SVGGElement>("[data-row]")];
    const at = marks.findIndex((mark) => mark.classList.contains("is-chosen"));
    let next = at;
    switch (event.key) {
      case "ArrowRight":
      case "ArrowDown":
        next = Math.min(marks.length - 1, at + 1);
        break;
      case "ArrowLeft":
      case "ArrowUp":
        next = Math.max(0, at - 1);
        break;
      case "Home":
        next = 0;
        break;
      case "End":
        next = marks.length - 1;
        break;
      case "Enter":
      case " ": {
        const link = marks[at]?.closest("a") ?? marks[at]?.querySelector("a");
        if (!link) return;
        event.preventDefault();
        void this.load(new URL(link.getAttribute("href") ?? "", location.href), true);
        return;
      }
      case "Escape":
        this.tip.hidden = true;
        return;
      default:
        return;
    }
    event.preventDefault();
    marks[at]?.classList.remove("is-chosen");
    const mark = marks[next];
    if (!mark) return;
    mark.classList.add("is-chosen");
    const text = this.row(mark);
    this.said.textContent = text.replaceAll("\n", ", ");
    const place = mark.getBoundingClientRect();
    this.show(text, place.right, place.top);
  }
}

// part is where a part of the page for an address is.
function part(path: string, to: URL): URL {
  const from = new URL(path, location.href);
  from.search = to.search;
  if (to.pathname.startsWith("/embed/")) from.searchParams.set("en", "otro_sitio");
  return from;
}
