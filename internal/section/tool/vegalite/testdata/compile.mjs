// compile.mjs DOCUMENT…: compiles documents with vega-lite and draws them with vega. It writes
// a JSON object: by document, what was warned of, the drawing as SVG, and how many marks of
// data it has.
import { readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { compile } from "vega-lite";
import * as vega from "vega";

const out = {};
for (const file of process.argv.slice(2)) {
  const warnings = [];
  const note = (level) => (...args) => {
    warnings.push(`${level}: ${args.join(" ")}`);
    return logger;
  };
  const logger = { level: () => logger, error: note("error"), warn: note("warn"), info: () => logger, debug: () => logger };
  const loader = vega.loader();
  loader.load = async (uri) => readFileSync(join(dirname(file), basename(uri)), "utf8");
  try {
    const { spec } = compile(JSON.parse(readFileSync(file, "utf8")), { logger });
    const view = new vega.View(vega.parse(spec), { renderer: "none", loader, logger });
    await view.runAsync();
    const svg = await view.toSVG();
    out[basename(file)] = { warnings, svg };
  } catch (error) {
    warnings.push(`thrown: ${error.stack}`);
    out[basename(file)] = { warnings, svg: "" };
  }
}
process.stdout.write(JSON.stringify(out));
