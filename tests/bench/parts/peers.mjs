// Other ways to serve such an image, in turn with ours, each as durable: what they cost where one writes
// the obvious, where Express puts all rows that wait under one sync as we do, and where it has a process
// for each core.

import { freshDir } from '../lib/dirs.mjs';
import { createAccount, expectNoFolding, load, pixels, writeScript } from '../lib/load.mjs';
import { PEERS, rowsOf } from '../lib/peers.mjs';
import { median, print, printSpread, row, skip, spread } from '../lib/report.mjs';
import { startServer } from '../lib/service.mjs';

export async function peers({ rounds, seconds, disk }) {
  const server = await startServer(freshDir(disk), ['--metrics-listen=127.0.0.1:0']);
  const ours = writeScript(freshDir(), pixels([await createAccount(server.url)]));
  for (const peer of PEERS) {
    const why = peer.install();
    if (why) {
      skip(`server_${peer.name}`, why);
      continue;
    }
    const program = await peer.start(freshDir(disk));
    const script = writeScript(freshDir(), [peer.path()]);
    const seen = [];
    for (let round = 0; round < rounds; round += 1) {
      let own = round % 2 ? await load(server, ours, seconds, true) : null;
      const theirs = await load(program, script, seconds, true);
      own ??= await load(server, ours, seconds, true);
      seen.push({ ...theirs, ratio: own.rate / theirs.rate, cpuRatio: theirs.cpu / own.cpu });
    }
    const of = (figure) => seen.map((round) => round[figure]);
    printSpread(`server_${peer.name}_pixel`, of('rate'), 'per_second');
    print(`server_${peer.name}_pixel_p99`, median(of('p99')), 'ms');
    printSpread(`server_${peer.name}_pixel_cpu`, of('cpu'), 'us');
    print(`server_sqlite_to_${peer.name}`, median(of('ratio')), 'ratio');
    print(`server_sqlite_to_${peer.name}_cpu`, median(of('cpuRatio')), 'ratio');
    const answered = seen.reduce((sum, round) => sum + round.requests, 0);
    const rows = await rowsOf(program);
    print(`server_${peer.name}_stored`, rows, 'events');
    if (rows < answered) throw new Error(`${peer.name}: ${rows} stored of ${answered}`);
    row(peer.label, spread(of('rate')), spread(of('cpu')), '', '');
    await program.stop();
  }
  await expectNoFolding(server);
  await server.stop();
}
