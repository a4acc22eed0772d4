// What the server hears of two opens and a scanner's question through a proxy in front.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { freePort } from '../stage/backend.mjs';

const FIREFOX = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', accept: 'image/avif,image/webp,*/*;q=0.8', 'sec-fetch-dest': 'image' };

/** Each proxy: the program it needs, and how it is started before `port` on `own`. */
export const PROXIES = {
  'nginx, proxy_pass alone': { needs: 'nginx', start: (lab, own, port) => nginx(lab, own, port, '') },
  'nginx, proxy_cache on': { needs: 'nginx', start: (lab, own, port) => nginx(lab, own, port, 'proxy_cache lab;') },
  'Varnish, default VCL': { needs: 'varnishd', start: (lab, own, port) => spawn('varnishd', ['-F', '-a', `127.0.0.1:${own}`, '-b', `127.0.0.1:${port}`, '-n', path.join(lab.folder, 'varnish'), '-s', 'malloc,16m'], { stdio: 'ignore' }) },
};

function nginx(lab, own, port, directive) {
  const folder = path.join(lab.folder, `nginx-${own}`);
  fs.mkdirSync(path.join(folder, 'cache'), { recursive: true });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`).join(' ');
  fs.writeFileSync(path.join(folder, 'nginx.conf'), `${process.getuid() === 0 ? 'user root;' : ''} daemon off; pid ${folder}/pid; error_log ${folder}/error.log; events {}
    http { access_log off; ${temporary} proxy_cache_path ${folder}/cache keys_zone=lab:1m;
      server { listen 127.0.0.1:${own}; location / { proxy_pass http://127.0.0.1:${port}; ${directive} proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; } } }`);
  return spawn('nginx', ['-c', path.join(folder, 'nginx.conf'), '-p', folder], { stdio: 'ignore' });
}

const ask = (port, method, target) => new Promise((resolve, reject) => {
  http.request({ host: '127.0.0.1', port, method, path: target, headers: FIREFOX }, (reply) => reply.resume().on('end', resolve)).on('error', reject).end();
});

/** Sends two opens and one `HEAD` through a proxy; says what the server made of them. */
export async function through(lab, name, { start }) {
  const own = await freePort();
  const child = start(lab, own, lab.port);
  const gone = new Promise((resolve) => child.once('exit', resolve));
  try {
    const deadline = Date.now() + 15_000;
    while (await ask(own, 'GET', '/healthz').then(() => false, () => Date.now() < deadline)) await new Promise((resolve) => setTimeout(resolve, 100));
    const reasons = [];
    for (const methods of [['GET', 'GET'], ['HEAD']]) {
      const step = { program: name, what: methods.join(', '), who: 'either' };
      const target = new URL(lab.message(step).image).pathname;
      for (const method of methods) await ask(own, method, target);
      reasons.push((await lab.verdicts()).filter((verdict) => verdict.step === step).map(({ event }) => event.reason));
    }
    return { opens: reasons[0], head: reasons[1] };
  } finally {
    child.kill();
    await gone;
  }
}
