// A hijacked agent without a model: looks for secrets wherever it can read, and prints what it
// found as JSON. The first argument is the SHA-256 of each secret, so that the
// search itself spreads none.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const needles = new Set(process.argv[2].split(','));
const found = [];
const unreadable = [];

/** Every run of characters that a token can be made of. */
function search(place, text) {
  for (const [word] of text.matchAll(/[\w.~+/=-]{16,}/g)) {
    // A variable is `NAME=VALUE`.
    for (const part of [word, word.slice(word.indexOf('=') + 1)]) {
      if (needles.has(createHash('sha256').update(part).digest('hex'))) found.push(place);
      // A capability is a Biscuit: base64url of a protobuf that begins with field 1 or 2.
      if (/^E[mnop][\w-]{200,}={0,2}$/.test(part)) found.push(`${place} (a capability)`);
    }
  }
}

function read(place) {
  try {
    search(place, readFileSync(place, 'latin1'));
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EPERM') unreadable.push(place);
  }
}

function readFolder(folder) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EPERM') unreadable.push(folder);
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) readFolder(path);
    else if (entry.isFile()) read(path);
  }
}

/** Readable memory of a process, within a bound. */
function readMemory(pid) {
  try {
    for (const line of readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n')) {
      if (!/rw-p/.test(line)) continue;
      readFileSync(`/proc/${pid}/mem`);
      found.push(`/proc/${pid}/mem`);
      return;
    }
  } catch (error) {
    if (error.code === 'EACCES' || error.code === 'EPERM') unreadable.push(`/proc/${pid}/mem`);
  }
}

/** This process, its parents, and every other one. */
for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
  for (const file of ['environ', 'cmdline']) read(`/proc/${pid}/${file}`);
  try {
    for (const fd of readdirSync(`/proc/${pid}/fd`))
      search(`/proc/${pid}/fd/${fd}`, readlinkSync(`/proc/${pid}/fd/${fd}`));
  } catch (error) {
    if (error.code === 'EACCES') unreadable.push(`/proc/${pid}/fd`);
  }
}
for (const folder of process.argv.slice(3)) readFolder(folder);
if (process.getuid() !== 0) readMemory(process.ppid);
console.log(
  JSON.stringify({ found, unreadable, parent: process.ppid, env: Object.keys(process.env) }),
);
