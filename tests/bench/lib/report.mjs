// What a bench says: one line `name value unit` for each figure, and a table for SELF-HOSTING.md.

import { spawnSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';

/** The value below which the share `part` of all values lies. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
}

export const median = (values) => quantile(values, 0.5);

const short = (value) => Number(value.toPrecision(4));

export const print = (name, value, unit) => console.log(`${name} ${short(value)} ${unit}`);
export const skip = (what, why) => console.log(`# ${what}: skipped, as ${why}`);

/** Prints the median of `values`, and how far they lie apart. */
export function printSpread(name, values, unit) {
  print(name, median(values), unit);
  print(`${name}_lowest`, Math.min(...values), unit);
  print(`${name}_highest`, Math.max(...values), unit);
}

/** `median (lowest to highest)`, as it stands in a table. */
export function spread(values, digits = 0) {
  const text = (value) => value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  return `${text(median(values))} (${text(Math.min(...values))} to ${text(Math.max(...values))})`;
}

/** What the figures were measured on. */
export function machine() {
  const [{ model }] = cpus();
  const commit = spawnSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8' }).stdout.trim();
  return `${new Date().toISOString().slice(0, 10)}, ${commit}: ${cpus().length} cores (${model.trim()}), `
    + `${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}`;
}

const rows = [];

/** Adds a row to the table. */
export const row = (...cells) => rows.push(cells);

/** Prints the table as Markdown, with the machine above it. */
export function printTable() {
  if (rows.length === 0) return;
  console.log(`# Measured on ${machine()}; medians, with the lowest and the highest round.`);
  console.log('# | | opens a second | processor time an open, µs | of nginx: processor time | of nginx: rate |');
  console.log('# |---|---|---|---|---|');
  for (const cells of rows) console.log(`# | ${cells.join(' | ')} |`);
}
