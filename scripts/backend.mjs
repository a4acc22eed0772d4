// Prints a backend's address in its one form.
// Usage: node scripts/backend.mjs <address>
import { backendAddress } from './lib/backend.mjs';

try {
  console.log(backendAddress(process.argv[2]));
} catch (error) {
  console.error(`error: ${error.message}`);
  process.exit(1);
}
