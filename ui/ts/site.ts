// What scripts add to pages that already work without them.
import { Copy } from "./copy";
import { Fits } from "./fits";
import { Grid } from "./grid";
import { Inbox } from "./inbox";
import { Draft } from "./draft";
import { OpenMap } from "./open-map";
import { Linked } from "./linked";
import { Progress } from "./progress";
import { Proof } from "./proof";
import { Similar } from "./similar";
import { Suggest } from "./suggest";
import { Workshop } from "./workshop";

for (const form of document.querySelectorAll<HTMLFormElement>(".js-search[data-suggest]")) new Suggest(form);
for (const button of document.querySelectorAll<HTMLButtonElement>(".js-copy")) new Copy(button);
for (const element of document.querySelectorAll<HTMLElement>(".js-progress")) new Progress(element);
for (const form of document.querySelectorAll<HTMLFormElement>(".js-inbox")) new Inbox(form);
for (const field of document.querySelectorAll<HTMLInputElement>(".js-proof")) new Proof(field);
for (const box of document.querySelectorAll<HTMLElement>(".js-similar")) new Similar(box);
for (const form of document.querySelectorAll<HTMLFormElement>(".js-draft")) new Draft(form);
for (const list of document.querySelectorAll<HTMLSelectElement>(".js-fits")) new Fits(list);
for (const views of document.querySelectorAll<HTMLElement>(".js-linked")) new Linked(views);
for (const form of document.querySelectorAll<HTMLFormElement>("form.js-workshop")) new Workshop(form);
for (const region of document.querySelectorAll<HTMLElement>(".js-grid")) new Grid(region);
for (const figure of document.querySelectorAll<HTMLElement>(".js-map")) new OpenMap(figure);

// The summary of what is wrong with a form is where its reader goes on.
document.querySelector<HTMLElement>(".js-focus")?.focus();
