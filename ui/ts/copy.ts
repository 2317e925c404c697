// Copy puts the text of the element named by data-copy on the clipboard and says so
// for a moment. The button is hidden in the HTML, because without a script it does
// nothing.
export class Copy {
  private readonly words: HTMLElement | null;
  private readonly before: string;

  constructor(private readonly button: HTMLButtonElement) {
    this.words = button.querySelector("span");
    this.before = this.words?.textContent ?? "";
    if (!navigator.clipboard) return; // not on plain http
    button.hidden = false;
    button.addEventListener("click", () => void this.copy());
  }

  private async copy(): Promise<void> {
    const source = document.getElementById(this.button.dataset.copy ?? "");
    if (!source || !this.words) return;
    try {
      await navigator.clipboard.writeText(source.textContent ?? "");
    } catch {
      return; // the browser refused; the text can be selected by hand
    }
    this.words.setAttribute("aria-live", "polite");
    this.words.textContent = this.button.dataset.done ?? this.before;
    setTimeout(() => {
      if (this.words) this.words.textContent = this.before;
    }, 2500);
  }
}
