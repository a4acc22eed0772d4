// A mailbox for programs that need a hand: dovecot over a Maildir, as whoever runs the laboratory.

import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../stage/backend.mjs';

/** The number of the user that owns nothing. */
const NOBODY = 65_534;

/** Fills a Maildir with `messages` and serves it by IMAP on a port of this machine. */
export async function serveMailbox(lab, messages) {
  const folder = path.join(lab.folder, 'dovecot');
  const inbox = path.join(folder, 'mail', 'new');
  for (const name of ['new', 'cur', 'tmp']) fs.mkdirSync(path.join(folder, 'mail', name), { recursive: true });
  messages.forEach(({ mail }, index) => fs.writeFileSync(path.join(inbox, `${Date.now()}.${index}.lab`), mail));
  const port = await freePort();
  const { username, uid, gid } = os.userInfo();
  // Dovecot neither takes logins nor reads mail as root: its own users have to reach its sockets then,
  // and nobody the mailbox.
  const [owner, group] = uid === 0 ? [NOBODY, NOBODY] : [uid, gid];
  if (uid === 0) {
    fs.chmodSync(lab.folder, 0o711);
    execFileSync('chown', ['-R', `${owner}:${group}`, folder]);
  }
  fs.writeFileSync(path.join(folder, 'dovecot.conf'), `
    protocols = imap
    listen = 127.0.0.1
    base_dir = ${folder}/run
    state_dir = ${folder}/state
    log_path = ${folder}/log
    ssl = no
    disable_plaintext_auth = no
    ${uid === 0 ? '' : `default_login_user = ${username}\n    default_internal_user = ${username}\n    default_internal_group =`}
    first_valid_uid = 0
    mail_location = maildir:${folder}/mail
    passdb {
      driver = static
      args = nopassword=y
    }
    userdb {
      driver = static
      args = uid=${owner} gid=${group} home=${folder}
    }
    service imap-login {
      chroot =
      inet_listener imap {
        port = ${port}
      }
      inet_listener imaps {
        port = 0
      }
    }
    service anvil {
      chroot =
    }
    service stats {
      chroot =
    }
  `);
  const child = spawn('dovecot', ['-F', '-c', path.join(folder, 'dovecot.conf')], { stdio: ['ignore', 'inherit', 'inherit'] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  lab.onClose(async () => {
    child.kill();
    await gone;
  });
  return port;
}
