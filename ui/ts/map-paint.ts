// Paint lays values over the map: colours of places by the state of their features, and
// the points, groups and shapes of a resource's own tiles.
import type { ExpressionSpecification, LayerSpecification, Map as MapGL, MapGeoJSONFeature } from "maplibre-gl";
import { colour, own, type Level, type Values, type Words } from "./map-data";

// beneath is the layer of the style under which values go, so that borders and names stay
// readable.
const beneath = "limites-municipios";
const areas = "valores";
const rim = "valores-orilla";
const points = ["formas", "formas-orilla", "puntos", "grupos"];

export class Paint {
  private readonly source: string;
  private at: string | number | null = null; // what stands out now

  constructor(
    private readonly map: MapGL,
    private readonly level: Level,
    private values: Values,
    private readonly words: Words,
  ) {
    this.source = level === "municipios" ? "municipios" : "fondo";
  }

  // lay paints everything, on a style that has just come.
  lay(): void {
    if (this.level !== "puntos") this.places();
    if (this.values.tiles) this.tiles(this.values.tiles);
  }

  // renew paints other values over the same map.
  renew(values: Values): void {
    this.values = values;
    for (const id of [areas, rim, ...points]) if (this.map.getLayer(id)) this.map.removeLayer(id);
    if (this.map.getSource("datos")) this.map.removeSource("datos");
    if (this.level !== "puntos") this.map.removeFeatureState({ source: this.source, sourceLayer: this.level });
    this.lay();
  }

  private places(): void {
    const from = { source: this.source, "source-layer": this.level };
    const classes = this.values.classes.flatMap((c, i): (number | string)[] => [i + 1, colour(c.color)]);
    const kind: ExpressionSpecification = ["coalesce", ["feature-state", "k"], 0];
    const fill = (classes.length > 0 ? ["match", kind, ...classes, "rgba(0, 0, 0, 0)"] : "rgba(0, 0, 0, 0)") as ExpressionSpecification;
    this.add({ id: areas, type: "fill", ...from, paint: { "fill-color": fill } }, beneath);
    const there: ExpressionSpecification = ["case", ["boolean", ["feature-state", "here"], false], 2.5, 0];
    this.add({ id: rim, type: "line", ...from, paint: { "line-color": colour("--color-text"), "line-width": there } }, "nombres-municipios");
    for (const [code, [k]] of Object.entries(this.values.values)) this.map.setFeatureState({ source: this.source, sourceLayer: this.level, id: code }, { k });
  }

  private tiles(template: string): void {
    this.map.addSource("datos", { type: "vector", tiles: [own(template)], maxzoom: 18 });
    const mark = colour(this.values.classes[0]?.color ?? "--color-brand-text"); // what the view has for its points
    const page = colour("--color-page");
    const from = (layer: string) => ({ source: "datos", "source-layer": layer });
    this.add({ id: "formas", type: "fill", ...from("formas"), filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": mark, "fill-opacity": 0.35 } }, "nombres-municipios");
    this.add({ id: "formas-orilla", type: "line", ...from("formas"), paint: { "line-color": mark, "line-width": 1.5 } }, "nombres-municipios");
    this.add({ id: "puntos", type: "circle", ...from("puntos"), paint: { "circle-color": mark, "circle-radius": ["interpolate", ["linear"], ["zoom"], 4, 3, 14, 6], "circle-stroke-color": page, "circle-stroke-width": 1 } });
    const size: ExpressionSpecification = ["interpolate", ["linear"], ["log10", ["max", ["get", "n"], 1]], 0, 4, 2, 9, 4, 16, 6, 26];
    this.add({ id: "grupos", type: "circle", ...from("grupos"), paint: { "circle-color": mark, "circle-opacity": 0.75, "circle-radius": size, "circle-stroke-color": page, "circle-stroke-width": 1 } });
  }

  private add(layer: LayerSpecification, under?: string): void {
    this.map.addLayer(layer, under && this.map.getLayer(under) ? under : undefined);
  }

  // layers are those whose features are things that one can point at.
  private layers(): string[] {
    return [areas, ...points].filter((id) => this.map.getLayer(id));
  }

  // find is what lies at a place of the canvas, or right beside it where things are small.
  find(x: number, y: number): MapGeoJSONFeature | null {
    const near = 4;
    const layers = this.layers();
    const small = layers.filter((id) => id !== areas);
    const around = this.map.queryRenderedFeatures([[x - near, y - near], [x + near, y + near]], { layers: small });
    return around[0] ?? this.map.queryRenderedFeatures([x, y], { layers })[0] ?? null;
  }

  // mark has a place stand out, and no other.
  mark(feature: MapGeoJSONFeature | null): void {
    const id = feature?.layer.id === areas ? (feature.id ?? null) : null;
    if (id === this.at) return;
    const of = (code: string | number) => ({ source: this.source, sourceLayer: this.level, id: code });
    if (this.at !== null) this.map.setFeatureState(of(this.at), { here: false });
    if (id !== null) this.map.setFeatureState(of(id), { here: true });
    this.at = id;
  }

  // lines say what a thing is, each on a line.
  lines(feature: MapGeoJSONFeature): string[] {
    const said = this.words.said;
    const p = feature.properties as Record<string, string | number | boolean>;
    if (feature.layer.id === areas) {
      const code = String(p.c);
      const known = this.values.values[code];
      return [known ? known[1] : `${this.named(code)}: ${said.novalue}`];
    }
    const number = new Intl.NumberFormat(document.documentElement.lang === "en" ? "en" : "es-MX");
    if (feature.layer.id === "grupos") return [`${number.format(Number(p.n))} ${said.rows}`];
    const rest = Object.entries(p).filter(([name]) => name !== "_fila");
    return [`${said.row} ${number.format(Number(p._fila))}`, ...rest.map(([name, value]) => `${name}: ${value}`)];
  }

  // named is a place's code and, where its name is on the map, its name.
  private named(code: string): string {
    const found = this.map.querySourceFeatures("fondo", { sourceLayer: "nombres", filter: ["==", ["get", "c"], code] });
    const name = found[0]?.properties.name as string | undefined;
    return name ? `${code} · ${name}` : code;
  }

  // choice is what choosing a thing means to the page: a column and its value.
  choice(feature: MapGeoJSONFeature, column: string | undefined): { column: string; value: string } | null {
    if (feature.layer.id === areas) return { column: column ?? (this.level === "municipios" ? "_mun" : "_ent"), value: String(feature.properties.c) };
    if (feature.layer.id === "grupos") return null;
    return { column: "_fila", value: String(feature.properties._fila) };
  }

  // cut reports whether something in sight is not drawn, for there is too much of it.
  cut(): boolean {
    return this.map.getSource("datos") !== undefined && this.map.querySourceFeatures("datos", { sourceLayer: "faltan" }).length > 0;
  }
}
