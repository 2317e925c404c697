const ON = "cambio"; // somebody goes on in the form: what they have only begun is left for later

// Workshop sends the editor's form when a field changes, and puts what comes back in the
// place of the editor: the picture follows the choice. One thing is sent after another, as
// each is a revision of the one before; while Plaza does not answer, what was typed stays
// and is sent again.
export class Workshop {
  private asked: string[] = []; // what the form is still to be sent for
  private busy = false;
  private away = false; // Plaza does not answer
  private soon = 0; // when a list stands still that is being chosen from with keys
  private keyed = 0; // when a key was pressed
  private to = ""; // where a link leads that waits until what was typed has been sent
  private readonly said: HTMLElement;

  constructor(private form: HTMLFormElement) {
    this.said = document.createElement("p");
    this.said.className = "u-hidden";
    this.said.setAttribute("role", "status");
    form.after(this.said);
    addEventListener("beforeunload", (event) => this.away && event.preventDefault());
    document.addEventListener("click", (event) => this.leave(event));
    this.listen();
  }

  private listen(): void {
    this.form.addEventListener("keydown", (event) => (this.keyed = event.timeStamp));
    this.form.addEventListener("change", (event) => {
      if (aside(event.target)) return;
      clearTimeout(this.soon);
      const searching = event.target instanceof HTMLSelectElement && event.timeStamp - this.keyed < 1000;
      this.soon = setTimeout(() => this.ask(ON), searching ? 700 : 0);
    });
    // who goes on has chosen
    this.form.addEventListener("focusout", () => this.soon && this.ask(ON));
    this.form.addEventListener("submit", (event) => {
      const button = event.submitter as HTMLButtonElement | null;
      if (button?.value === "borrar") return;
      event.preventDefault();
      this.ask(button?.value ?? "ver");
    });
  }

  // leave follows a link once everything has been sent.
  private leave(event: MouseEvent): void {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    if (!link || !(this.busy || this.soon) || this.away || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.to = link.href;
  }

  // ask has the form sent; whatever it is sent for takes its fields along.
  private ask(act: string): void {
    clearTimeout(this.soon);
    this.soon = 0;
    if (act !== ON || this.asked.length === 0) this.asked.push(act);
    if (!this.busy) void this.work();
  }

  private async work(): Promise<void> {
    this.busy = true;
    for (let act = this.asked[0]; act !== undefined; act = this.asked[0]) {
      const was = this.fields();
      const next = await this.send(act);
      if (next === "left") return;
      if (next === "away") await this.again();
      else {
        this.asked.shift();
        this.replace(next, was, act);
      }
    }
    this.busy = false;
    if (this.to) location.assign(this.to);
  }

  // send sends the form as it is now. What comes back is the next editor, unless Plaza is away
  // or answers with another page.
  private async send(act: string): Promise<HTMLFormElement | "away" | "left"> {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) body.append(name, String(value));
    body.set("hacer", act);
    if (!this.away) this.tell(this.form.dataset.busy);
    this.form.setAttribute("aria-busy", "true");
    let answer: Response;
    let text: string;
    try {
      answer = await fetch(this.form.action || location.href, { method: "POST", body });
      text = await answer.text();
    } catch {
      return "away";
    }
    if (answer.status > 501) return "away";
    this.away = false;
    const next = new DOMParser().parseFromString(text, "text/html").querySelector<HTMLFormElement>("form.js-workshop");
    if (!next) {
      this.form.submit();
      return "left";
    }
    if (answer.redirected) history.replaceState(null, "", answer.url);
    return next;
  }

  // again waits until it is worth asking again.
  private again(): Promise<void> {
    if (!this.away) this.tell(this.form.dataset.away);
    this.away = true;
    this.form.removeAttribute("aria-busy");
    return new Promise((done) => {
      setTimeout(done, 4000);
      addEventListener("online", () => done(), { once: true });
    });
  }

  private tell(text = ""): void {
    const state = this.form.querySelector(".Workshop-state");
    if (state) state.textContent = text;
  }

  // fields are what stands in the fields now, by their ids.
  private fields(): Map<string, string> {
    const out = new Map<string, string>();
    for (const one of typed(this.form)) out.set(one.id, value(one));
    return out;
  }

  // replace puts the new editor in the old one's place: what was open stays open, what was
  // typed meanwhile stays, and who was at a field stays there.
  private replace(next: HTMLFormElement, was: Map<string, string>, act: string): void {
    const open = new Set([...this.form.querySelectorAll<HTMLDetailsElement>("details[open] > summary")].map((s) => s.textContent));
    for (const summary of next.querySelectorAll("details > summary")) if (open.has(summary.textContent)) (summary.parentElement as HTMLDetailsElement).open = true;
    const old = this.form;
    const at = old.contains(document.activeElement) ? document.activeElement : null;
    const [x, y] = [scrollX, scrollY];
    const carried = act === ON ? carry(old, next, was) : new Map<string, Typed>();
    for (const one of typed(old)) {
      const now = carried.get(one.id) ?? next.querySelector<Typed>(`#${CSS.escape(one.id)}`);
      if (!now || now.type !== one.type || (value(one) === was.get(one.id) && !(act === ON && aside(one)))) continue;
      if (one instanceof HTMLInputElement) (now as HTMLInputElement).checked = one.checked;
      now.value = one.value;
      if (aside(one)) continue;
      if (one === at) now.addEventListener("blur", () => this.ask(ON), { once: true });
      else if (!this.asked.includes(ON)) this.asked.push(ON);
    }
    const caret = at instanceof HTMLInputElement || at instanceof HTMLTextAreaElement ? [at.selectionStart, at.selectionEnd] : [];
    old.replaceWith(next);
    this.form = next;
    this.listen();
    if (at) this.focus(at, caret);
    scrollTo(x, y);
    this.said.textContent = next.querySelector(".Notice, .View-says")?.textContent ?? "";
  }

  // focus goes to what stands where the focus was; where nothing does, to the part it was in,
  // or to what takes the change back.
  private focus(was: Element, [from, to]: (number | null)[]): void {
    const next = this.form;
    const fold = was.closest("details")?.querySelector("summary")?.textContent;
    const places = [
      was.id && next.querySelector(`#${CSS.escape(was.id)}`),
      was instanceof HTMLButtonElement && next.querySelector(`button[value="${CSS.escape(was.value)}"]:not(:disabled, [tabindex="-1"])`),
      was.matches("summary") && [...next.querySelectorAll("summary")].find((s) => s.textContent === was.textContent),
      fold && [...next.querySelectorAll("summary")].find((s) => s.textContent === fold),
      next.querySelector(".Workshop-steps button:not(:disabled)"),
    ];
    const place = places.find((one) => one instanceof HTMLElement) as HTMLElement | undefined;
    place?.focus({ preventScroll: true });
    if (typeof from === "number" && place?.id === was.id) (place as HTMLInputElement).setSelectionRange(from, to ?? from);
  }
}

type Typed = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

// typed are the fields that somebody may fill in.
function typed(form: HTMLFormElement): Typed[] {
  return [...form.querySelectorAll<Typed>("input[id], select[id], textarea[id]")];
}

function value(of: Typed): string {
  return of instanceof HTMLInputElement && (of.type === "checkbox" || of.type === "radio") ? String(of.checked) : of.value;
}

// aside reports whether something is only about to be added: nothing of the tool says it until
// its button is pressed.
function aside(of: EventTarget | null): boolean {
  return of instanceof Element && of.closest(".js-aside") !== null;
}

// begun are lines of which nothing is taken until they are whole, by the names of their fields.
const begun = [
  ["filtro_columna", "filtro_op", "filtro_valor"],
  ["nota_en", "nota_texto"],
  ["linea", "linea_texto"],
] as const;

// carry takes the lines that were begun when the form was sent from one editor to the next, as
// they are now. It returns where their fields are there, by the ids that they had.
function carry(old: HTMLFormElement, next: HTMLFormElement, was: Map<string, string>): Map<string, Typed> {
  const out = new Map<string, Typed>();
  for (const names of begun) {
    const lines = (form: HTMLFormElement) =>
      typed(form).flatMap((first) => {
        const n = first.name.startsWith(names[0]) ? first.name.slice(names[0].length) : "";
        return /^\d+$/.test(n) ? [names.map((name) => form.elements.namedItem(name + n) as Typed)] : [];
      });
    for (const line of lines(old)) {
      const [first, last] = [line[0], line[line.length - 1]];
      if (!first || !last || !was.get(first.id) === !was.get(last.id)) continue; // it was whole, or empty
      const same = lines(next).find((one) => one[0]?.value === was.get(first.id) && one[one.length - 1]?.value === was.get(last.id));
      const place = same ?? lines(next).find((one) => !one[0]?.value && !one[one.length - 1]?.value);
      place?.forEach((now, i) => {
        const one = line[i] as Typed;
        now.value = one.value;
        out.set(one.id, now);
      });
    }
  }
  return out;
}
