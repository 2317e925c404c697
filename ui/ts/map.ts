// MapView is the interactive map. It takes the place of the server's picture in a figure:
//
//   <figure class="js-map" data-look="/mapa/estilo.json" data-values="…" data-box="w,s,e,n"
//           data-level="estados|municipios|puntos" data-column="…">
//     <svg>…</svg> <button class="js-map-open" hidden>…</button>
//   </figure>
//
// On paper, and where the browser lacks WebGL, the picture stays. Choosing a thing sends
// "plaza:choose" {column, value} from the figure; "plaza:map" says that all is drawn.
import { AttributionControl, Map as MapGL, NavigationControl, Popup, ScaleControl, setWorkerUrl, type LngLatBoundsLike, type MapGeoJSONFeature, type StyleSpecification } from "maplibre-gl";
import { dark, own, styleOf, valuesOf, wordsOf, type Level, type Values, type Words } from "./map-data";
import { Paint } from "./map-paint";
import { PlaceSearch } from "./map-search";

// country is what is shown where nothing else is asked for; limits is how far one can go.
const country: LngLatBoundsLike = [-118.6, 14.4, -86.6, 32.8];
const limits: LngLatBoundsLike = [-130, 5, -72, 42];

// styles loads the style sheet of maps, once.
let styles: Promise<void> | null = null;
function dressed(): Promise<void> {
  styles ??= new Promise((done, fail) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = MAP_STYLES;
    link.onload = () => done();
    link.onerror = () => fail(new Error("the style sheet of maps"));
    document.head.append(link);
  });
  return styles;
}

function part(name: string, className: string): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  return element;
}

export class MapView {
  // map is MapLibre's, for who wants to look closer.
  map!: MapGL;
  private paint!: Paint;
  private readonly picture: SVGElement | null;
  private readonly whole = part("div", "MapLive");
  private readonly frame = part("div", "MapLive-frame");
  private readonly note = part("p", "MapLive-note");
  private readonly cut = part("p", "MapLive-note MapLive-cut");
  private readonly popup = new Popup({ closeButton: false, closeOnClick: false, focusAfterOpen: false, maxWidth: "20rem", className: "MapLive-popup" });

  private constructor(
    private readonly figure: HTMLElement,
    private readonly words: Words,
    private readonly values: Values,
  ) {
    this.picture = figure.querySelector("svg");
    this.note.setAttribute("role", "status");
    this.cut.setAttribute("role", "status");
  }

  // open draws the map in a figure. When something of it cannot be had it says so and fails.
  static async open(figure: HTMLElement): Promise<MapView> {
    const asked = styleOf(figure);
    try {
      const [style, values] = await Promise.all([asked, valuesOf(figure), dressed()]);
      figure.querySelector(":scope > .MapLive-note")?.remove(); // of an earlier try
      const view = new MapView(figure, wordsOf(style), values);
      if (view.drawable()) view.draw(style);
      return view;
    } catch (error) {
      const said = wordsOf(await asked).said.failed ?? "";
      const note = figure.querySelector(":scope > .MapLive-note") ?? figure.appendChild(part("p", "MapLive-note"));
      note.setAttribute("role", "status");
      note.textContent = said;
      throw error;
    }
  }

  // focus goes on where the button was that opened the map.
  focus(): void {
    this.note.tabIndex = -1;
    (this.whole.isConnected ? this.map.getCanvas() : this.note).focus();
  }

  // drawable reports whether the browser can draw maps, and says so where it cannot.
  private drawable(): boolean {
    const canvas = document.createElement("canvas");
    if (canvas.getContext("webgl2")) return true;
    this.note.textContent = this.words.said.nogl ?? "";
    this.figure.append(this.note);
    return false;
  }

  private draw(style: StyleSpecification): void {
    setWorkerUrl(own(MAP_WORKER));
    const search = new PlaceSearch(this.words.said.search ?? "", this.words.said.go ?? "", (place) => {
      this.note.textContent = place ? place.name : (this.words.said.none ?? "");
      if (place) this.go([place.box[0], place.box[1], place.box[2], place.box[3]]);
    });
    const keys = part("p", "MapLive-keys");
    keys.textContent = this.words.said.keys ?? "";
    this.frame.append(part("span", "MapLive-cross"));
    this.whole.append(search.form, this.frame, keys, this.note, this.cut);
    if (this.picture) this.picture.after(this.whole);
    else this.figure.prepend(this.whole);
    const { height } = this.picture?.getBoundingClientRect() ?? { height: 0 };
    this.frame.style.height = `${Math.round(Math.min(Math.max(height, 320), 640, innerHeight * 0.8))}px`;
    this.picture?.classList.add("MapLive-picture");
    this.map = this.make(style);
    this.paint = new Paint(this.map, (this.figure.dataset.level ?? "estados") as Level, this.values, this.words);
    this.listen();
  }

  private make(style: StyleSpecification): MapGL {
    const map = new MapGL({
      container: this.frame, style, bounds: this.box(), fitBoundsOptions: { padding: 12 }, maxBounds: limits, minZoom: 2, maxZoom: 18,
      locale: this.words.controls, attributionControl: false, cooperativeGestures: true, dragRotate: false, pitchWithRotate: false, touchPitch: false, renderWorldCopies: false,
      fadeDuration: this.still() ? 0 : 200, transformRequest: (address) => ({ url: own(address) }),
    });
    map.keyboard.disableRotation();
    map.touchZoomRotate.disableRotation();
    map.addControl(new NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new ScaleControl({ unit: "metric" }), "top-left");
    map.addControl(new AttributionControl({ compact: false, customAttribution: [] }), "bottom-right");
    return map;
  }

  // still reports whether the reader wants nothing to move.
  private still(): boolean {
    return matchMedia("(prefers-reduced-motion: reduce)").matches;
  }

  private box(): LngLatBoundsLike {
    const sides = (this.figure.dataset.box ?? "").split(",").map(Number);
    const [w, s, e, n] = sides;
    if (sides.length !== 4 || sides.some(Number.isNaN)) return country;
    return [w, s, e, n] as [number, number, number, number];
  }

  private go(box: LngLatBoundsLike): void {
    this.map.fitBounds(box, { padding: 24, maxZoom: 12, animate: !this.still() });
  }

  private listen(): void {
    const map = this.map;
    map.on("style.load", () => this.paint.lay());
    map.on("idle", () => {
      this.cut.textContent = this.paint.cut() ? (this.words.said.missing ?? "") : "";
      this.figure.dispatchEvent(new CustomEvent("plaza:map", { bubbles: true, detail: this }));
    });
    map.on("mousemove", (event) => this.point(this.paint.find(event.point.x, event.point.y), event.lngLat));
    map.on("mouseout", () => this.point(null));
    map.on("movestart", () => this.point(null));
    map.on("click", (event) => this.choose(this.paint.find(event.point.x, event.point.y)));
    map.getCanvas().addEventListener("keydown", (event) => {
      if (event.key === "Enter") this.say();
      else if (event.key === " ") this.choose(this.middle());
      else return;
      event.preventDefault();
    });
    this.figure.addEventListener("plaza:values", (event) => void this.renew((event as CustomEvent<string>).detail));
    dark().addEventListener("change", () => void styleOf(this.figure).then((style) => map.setStyle(style, { diff: false })));
  }

  // renew paints what readers chose anew: search is the question of the address.
  private async renew(search: string): Promise<void> {
    this.figure.dataset.values = (this.figure.dataset.values ?? "").split("?")[0] + search;
    this.paint.renew(await valuesOf(this.figure));
  }

  private middle(): MapGeoJSONFeature | null {
    const { clientWidth, clientHeight } = this.map.getCanvas();
    return this.paint.find(clientWidth / 2, clientHeight / 2);
  }

  // point shows what a thing is beside it, or that there is nothing.
  private point(feature: MapGeoJSONFeature | null, at = this.map.getCenter()): void {
    this.paint.mark(feature);
    this.map.getCanvas().classList.toggle("is-over", feature !== null);
    if (!feature) {
      this.popup.remove();
      return;
    }
    const lines = this.paint.lines(feature).map((text, i) => {
      const line = document.createElement(i === 0 ? "strong" : "span");
      line.textContent = text;
      return line;
    });
    const words = part("div", "MapLive-lines");
    words.append(...lines);
    this.popup.setLngLat(at).setDOMContent(words).addTo(this.map);
  }

  // say tells those who read by ear, and those without a pointer, what is in the middle.
  private say(): void {
    const feature = this.middle();
    this.point(feature);
    this.note.textContent = feature ? this.paint.lines(feature).join(". ") : (this.words.said.nothing ?? "");
  }

  private choose(feature: MapGeoJSONFeature | null): void {
    const detail = feature && this.paint.choice(feature, this.figure.dataset.column);
    if (detail) this.figure.dispatchEvent(new CustomEvent("plaza:choose", { bubbles: true, detail }));
  }
}
