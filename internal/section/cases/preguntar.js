// <plaza-preguntar institucion="salud" objeto="dataset:ID" idioma="es">
//   <a href="…/consultas/nueva?canal=boton&institucion=salud">Preguntar</a>
// </plaza-preguntar>
// A link to the form for a question with a date for its answer, which opens in a new tab.
// It keeps nothing, asks nobody else and reads nothing of the page. Without this script
// the link inside the element stands. Parts to style: enlace, aviso.
(() => {
  const base = /*BASE*/ "";
  const words = {
    es: ["Preguntar con fecha de respuesta", "se abre en otra pestaña"],
    en: ["Ask with a date for the answer", "opens in a new tab"],
  };
  const style =
    ":host{display:inline-block}" +
    "a{display:inline-block;padding:.625em 1em;border-radius:.375em;border:1px solid currentColor;font:inherit;font-weight:600;line-height:1.25;" +
    "text-decoration:none;color:var(--plaza-preguntar-texto,#fff);background:var(--plaza-preguntar-fondo,#611232)}" +
    "a:hover{text-decoration:underline}" +
    "a:focus-visible{outline:3px solid currentColor;outline-offset:3px}" +
    "span{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}";
  class Preguntar extends HTMLElement {
    static observedAttributes = ["institucion", "objeto", "clase", "idioma", "texto"];
    connectedCallback() {
      this.draw();
    }
    attributeChangedCallback() {
      if (this.isConnected) this.draw();
    }
    draw() {
      const lang = this.getAttribute("idioma") === "en" ? "en" : "es";
      const to = new URL(base + "/consultas/nueva");
      to.searchParams.set("canal", "boton");
      for (const name of ["institucion", "objeto", "clase"]) {
        const value = this.getAttribute(name);
        if (value) to.searchParams.set(name, value);
      }
      if (lang !== "es") to.searchParams.set("lang", lang);
      const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
      const sheet = new CSSStyleSheet(); // no inline style: it stands under any page's policy
      sheet.replaceSync(style);
      root.adoptedStyleSheets = [sheet];
      const link = document.createElement("a");
      link.part = "enlace";
      link.href = to.href;
      link.target = "_blank";
      link.rel = "noopener";
      link.lang = lang;
      link.textContent = this.getAttribute("texto") || words[lang][0];
      const note = document.createElement("span");
      note.part = "aviso";
      note.textContent = " (" + words[lang][1] + ")";
      link.append(note);
      root.replaceChildren(link);
    }
  }
  if (!customElements.get("plaza-preguntar")) customElements.define("plaza-preguntar", Preguntar);
})();
