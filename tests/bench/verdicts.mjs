// What two public lists of robots say of the fetches that crates/networks/tests/score.rs judges.
// Both answer "robot or not" from the user agent alone, so "not a robot" is read as an open, and
// "robot" as none. Usage: node tests/bench/verdicts.mjs [a set as JSON lines]...
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { isbot } from "isbot";

const crawlers = createRequire(import.meta.url)("crawler-user-agents").map(
  ({ pattern }) => new RegExp(pattern),
);
const projects = {
  isbot: (agent) => isbot(agent),
  "crawler-user-agents": (agent) => crawlers.some((crawler) => crawler.test(agent)),
};

const root = new URL("../../", import.meta.url).pathname;
const beside = process.env.KAIFU_CORPUS ?? join(root, "../shared/open-corpus");
const more = existsSync(beside)
  ? readdirSync(beside)
      .filter((name) => name.endsWith(".jsonl"))
      .map((name) => join(beside, name))
  : [];
const named = process.argv.slice(2);
const sets = named.length > 0 ? named : [join(root, "crates/networks/tests/labelled.jsonl"), ...more];

for (const set of sets) {
  const rows = readFileSync(set, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
  for (const [name, isRobot] of Object.entries(projects)) {
    const said = rows.map((row) => ({ truth: row.opened, claimed: !isRobot(row.ua) }));
    const share = (truth) => {
      const all = said.filter((row) => row.truth === truth);
      return [all.filter((row) => row.claimed).length, all.length];
    };
    const [kept, opens] = share("likely");
    const [claimed, machines] = share("no");
    const [guessed, unknown] = share("unknown");
    console.log(
      `${basename(set)}, ${name}: ${kept} of ${opens} opens kept, ` +
        `${claimed} of ${machines} machine or own fetches claimed, ` +
        `${guessed} of ${unknown} that cannot be told claimed`,
    );
  }
}
