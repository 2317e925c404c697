// What a map is told: a style with the words of its language, and values apart from the
// shapes they are of.
import type { StyleSpecification } from "maplibre-gl";

// Values are what is painted over the map. A class counts from 1, 0 is a place without
// value; its colour is one of CSS, or a property of the page's as "--color-scale-1". Points
// are in that of the first.
export interface Values {
  classes: { label: string; color: string }[];
  values: Record<string, [kind: number, label: string]>;
  tiles: string | null;
}

export interface Words {
  controls: Record<string, string>;
  said: Record<string, string>;
}

export type Level = "estados" | "municipios" | "puntos";

// dark reports whether the reader's machine is dark now.
export const dark = (): MediaQueryList => matchMedia("(prefers-color-scheme: dark)");

// own makes any address one of this server: a map asks nobody else for anything. What
// stands in braces stays.
export function own(address: string): string {
  const path = address.replace(/^[a-z]+:\/\/[^/]*/i, "");
  return location.origin + (path.startsWith("/") ? path : `/${path}`);
}

async function json<T>(address: string): Promise<T> {
  const answer = await fetch(own(address));
  if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
  return (await answer.json()) as T;
}

export async function styleOf(figure: HTMLElement): Promise<StyleSpecification> {
  const address = new URL(own(figure.dataset.look ?? ""));
  address.searchParams.set("tema", dark().matches ? "oscuro" : "claro");
  if (!address.searchParams.has("lang")) address.searchParams.set("lang", document.documentElement.lang.slice(0, 2) || "es");
  return json<StyleSpecification>(address.pathname + address.search);
}

export function wordsOf(style: StyleSpecification): Words {
  return (style.metadata as { plaza: Words }).plaza;
}

export async function valuesOf(figure: HTMLElement): Promise<Values> {
  if (!figure.dataset.values) return { classes: [], values: {}, tiles: null };
  return json<Values>(figure.dataset.values);
}

// colour is a colour as it is on this page now.
export function colour(name: string): string {
  return name.startsWith("--") ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() || "#888" : name;
}
