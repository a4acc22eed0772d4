// Writes what chromedriver is told of the browser in which the crates' own tests run.
// Usage: node scripts/webdriver.mjs <browser> <result>
import { writeFileSync } from 'node:fs';

const [binary, result] = process.argv.slice(2);
const args = ['--headless=new', '--disable-gpu', '--disable-background-networking'];
// A browser of root's does not start in a sandbox, nor does one in most containers.
args.push('--no-sandbox');
writeFileSync(result, `${JSON.stringify({ 'goog:chromeOptions': { binary, args } }, null, 2)}\n`);
