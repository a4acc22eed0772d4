// What two public lists of robots say of the fetches that crates/networks/benches/verdicts.rs
// judges, and what the real server makes of hostile requests.
//
// The lists answer "robot or not" from the user agent alone, so "not a robot" is read as an open,
// and "robot" as none. Usage: node tests/bench/verdicts.mjs [a set as JSON lines]...
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isbot } from "isbot";
import { createAccount, pixel } from "./lib/load.mjs";
import { median } from "./lib/report.mjs";
import { TOKEN_LEN, messageOf } from "../lib/token.mjs";
import { SERVER, ask, startServer } from "./lib/service.mjs";

const crawlers = createRequire(import.meta.url)("crawler-user-agents").map(
  ({ pattern }) => new RegExp(pattern),
);
const projects = {
  isbot: (agent) => isbot(agent),
  crawler_user_agents: (agent) => crawlers.some((crawler) => crawler.test(agent)),
};

const root = new URL("../../", import.meta.url).pathname;
const beside = process.env.KAIFU_CORPUS ?? join(root, "../shared/open-corpus");
const more = existsSync(beside)
  ? readdirSync(beside)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => join(beside, name))
  : [];
const named = process.argv.slice(2);
const own = ["captured", "labelled", "second"].map((name) => join(root, `crates/networks/tests/${name}.jsonl`));

/** What a captured row's maker came to, in the words of the composed sets. */
const WHO = { person: "likely", machine: "no", either: "unknown" };
const agentOf = ({ ua, headers }) => ua ?? headers.find(([name]) => name.toLowerCase() === "user-agent")?.[1] ?? "";

for (const set of named.length > 0 ? named : [...own, ...more]) {
  const rows = readFileSync(set, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
  for (const [name, isRobot] of Object.entries(projects)) {
    const said = rows.map((row) => ({ truth: row.opened ?? WHO[row.who], claimed: !isRobot(agentOf(row)) }));
    for (const [truth, what] of [["likely", "opens_kept"], ["no", "machines_claimed"], ["unknown", "unknown_claimed"]]) {
      const all = said.filter((row) => row.truth === truth);
      const claimed = all.filter((row) => row.claimed).length;
      console.log(`verdicts_${basename(set, ".jsonl")}_${name}_${what} ${claimed}/${all.length} rows`);
    }
  }
}

const FETCHES = 1_000;
const ROUNDS = 5;
const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

/** Milliseconds for so many fetches one after the other, on one connection. */
async function time(url, agent, request) {
  const start = performance.now();
  for (let fetch = 0; fetch < FETCHES; fetch += 1) {
    const { path, headers } = request();
    const { status } = await ask(url + path, { headers, agent });
    if (status !== 200) throw new Error(`${path}: ${status}`);
  }
  return performance.now() - start;
}

/** How much longer hostile fetches take than ordinary ones, and what they came to. */
async function hostile() {
  const dir = mkdtempSync(join(tmpdir(), "kaifu-bench-"));
  const server = await startServer(dir);
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const account = await createAccount(server.url);
  const another = () => pixel(account, randomBytes(8));
  const one = another();
  const absurd = { "user-agent": "Mozilla/5.0 (".repeat(600), accept: "x".repeat(4_000) };
  const many = Object.fromEntries(Array.from({ length: 90 }, (_, index) => [`x-${index}`, "y".repeat(60)]));
  const kinds = {
    ordinary: () => ({ path: another(), headers: { "user-agent": FIREFOX } }),
    one_token: () => ({ path: one, headers: { "user-agent": FIREFOX } }),
    absurd_headers: () => ({ path: another(), headers: absurd }),
    many_headers: () => ({ path: another(), headers: { ...many, "user-agent": FIREFOX } }),
  };
  const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [kind, request] of Object.entries(kinds)) times[kind].push(await time(server.url, agent, request));
  }
  for (const [kind, spent] of Object.entries(times)) {
    console.log(`verdicts_server_${kind} ${(median(spent) / FETCHES).toFixed(3)} ms`);
    if (kind !== "ordinary") console.log(`verdicts_server_${kind}_to_ordinary ${(median(spent) / median(times.ordinary)).toFixed(2)} ratio`);
  }
  const page = JSON.parse((await ask(`${server.url}/v1/events?limit=1000&after=${FETCHES}`, { headers: account.headers })).body);
  const message = messageOf(one.slice(3, 3 + TOKEN_LEN));
  console.log(`verdicts_server_one_token_events ${page.events.filter((open) => open.message === message).length} of_first_${FETCHES}`);
  agent.destroy();
  await server.stop();
  rmSync(dir, { recursive: true });
}

if (existsSync(join(root, SERVER))) await hostile();
else console.log("# verdicts_server: skipped, as the backend is not built");
