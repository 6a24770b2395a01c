import { toSeconds } from '../../clock.ts';
import type { KeyFile } from '../../key-file/index.ts';
import type { Check, IssuerStatus, Observation } from '../examine.ts';

const DAY_SECONDS = 86_400;
/** NIST SP 800-57 part 1 allows one to three years for signing keys; a leak is noticed late. */
const ROTATION_DAYS = 180;

export const keysCheck: Check = {
  name: 'keys',
  advice: 'docs/guides/operator.md, "Replace a key", has the steps.',
  run: async ({ keys, status, now }) => {
    if (!keys) {
      const advice = 'Run the command where .hewn/NAME/keys.json is, or name the file with --keys.';
      const detail = 'this machine does not have the key file';
      return [{ subject: 'key file', status: 'skip', detail, advice }];
    }
    const asked = await status();
    return [
      age(keys, toSeconds(now().getTime())),
      asked.ok ? comparison(keys, asked.value) : unasked(asked.error),
    ];
  },
};

function age({ mint }: KeyFile, now: number): Observation {
  const subject = 'root key';
  const active = mint.find(({ state }) => state === 'active');
  if (!active) return { subject, status: 'fail', detail: 'no root key is active' };
  const days = Math.max(0, Math.floor((now - active.since) / DAY_SECONDS));
  const detail = `key ${active.id} is active for ${days} days`;
  if (active.since === 0) {
    return { subject, status: 'warn', detail: `the age of key ${active.id} is unknown` };
  }
  if (days < ROTATION_DAYS) return { subject, status: 'ok', detail };
  const advice = `Rotate it: hewn keys new, hewn deploy, hewn keys rotate, hewn deploy. It is due after ${ROTATION_DAYS} days.`;
  return { subject, status: 'warn', detail, advice };
}

function comparison({ mint, feed }: KeyFile, { keys }: IssuerStatus): Observation {
  const subject = 'issuer';
  const differ = (detail: string): Observation => ({
    subject,
    status: 'fail',
    detail,
    advice: 'Run hewn deploy, which puts the keys of this folder in place.',
  });
  if (keys.feed !== feed.publicKey) return differ('the issuer signs its feed with another key');
  const active = mint.find(({ state }) => state === 'active');
  const theirs = keys.mint.find((key) => key.active);
  if (active?.publicKey !== theirs?.public_key) {
    return differ(`the issuer mints with key ${theirs?.id}, and the key file with ${active?.id}`);
  }
  const published = mint
    .filter(({ state }) => state === 'published')
    .map(({ publicKey }) => publicKey);
  const known = new Set(keys.mint.map((key) => key.public_key));
  if (!published.every((key) => known.has(key))) {
    return differ('the issuer does not publish every key of the key file');
  }
  return { subject, status: 'ok', detail: 'the issuer has the keys of the key file' };
}

export const unasked = (why: string): Observation => ({
  subject: 'issuer',
  status: 'skip',
  detail: `the issuer did not say: ${why}`,
  advice: 'Examine the issuer first, and make the operator credential available.',
});
