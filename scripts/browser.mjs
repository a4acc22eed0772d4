// Prints the path of the browser to use.
// Usage: node scripts/browser.mjs
import { findBrowser } from './lib/browser.mjs';

try {
  console.log(findBrowser());
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exit(1);
}
