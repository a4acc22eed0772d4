// Reads cargo's messages on standard input and prints the path of what it made of one crate, wherever
// the user's settings put it.
// Usage: cargo build --message-format=json-render-diagnostics … | node scripts/artifact.mjs <target> [<ending>]
// Without an ending, the program; with one, the file that ends so.
import { createInterface } from 'node:readline';

const [target, ending] = process.argv.slice(2);
let found;
for await (const line of createInterface({ input: process.stdin })) {
  // Build scripts may print what is no message.
  if (!line.startsWith('{')) continue;
  const message = JSON.parse(line);
  if (message.reason !== 'compiler-artifact' || message.target.name !== target) continue;
  const file = ending ? message.filenames.find((name) => name.endsWith(ending)) : message.executable;
  found = file ?? found;
}
if (!found) {
  console.error(`cargo did not say what it made of ${target}`);
  process.exit(1);
}
console.log(found);
