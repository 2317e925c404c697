// Fits leaves in a list only what fits what another list has chosen: the conditions that a
// column's type allows, the columns that can be added up. data-of names the other list.
// What fits stands in data-fits, either of the other list's options, or of this one's. The
// empty option always fits; without a script everything is offered and a mistake is said.
export class Fits {
  private readonly all: HTMLOptionElement[];

  constructor(private readonly list: HTMLSelectElement) {
    this.all = [...list.options];
    const other = document.getElementById(list.dataset.of ?? "");
    if (!(other instanceof HTMLSelectElement)) return;
    other.addEventListener("change", () => this.narrow(other));
    this.narrow(other);
  }

  private narrow(other: HTMLSelectElement): void {
    const chosen = this.list.value;
    const allowed = other.selectedOptions[0]?.dataset.fits?.split(" ");
    const fits = (o: HTMLOptionElement): boolean =>
      o.value === "" || (allowed ? allowed.includes(o.value) : (o.dataset.fits ?? "").split(" ").includes(other.value));
    const left = this.all.filter(fits);
    this.list.replaceChildren(...left);
    const again = left.find((o) => o.value === chosen);
    if (again) again.selected = true;
    else if (left[0]) left[0].selected = true;
  }
}
