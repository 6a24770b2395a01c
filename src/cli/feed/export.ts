import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { replaceFile } from '../../durable-file.ts';
import { exportFeed, type ReplicaOptions } from '../../feed/index.ts';
import { FEED_SHARDS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import {
  type Command,
  readFlags,
  type Surroundings,
  SWITCH,
  showJson,
  TEXT,
  YES,
} from '../command.ts';
import { showPath } from '../keys/target.ts';
import { describeFeedError } from './errors.ts';
import { FEED_FLAGS, FEED_HELP, readSource } from './source.ts';

const FEED_EXPORT_MILLISECONDS_MAX = 60_000; // All of it, over a slow line.

const HELP = `hewn feed export --out FILE [--shard N] [--issuer URL] [--feed-key HEX] [--json]
hewn feed export --all --out FOLDER [...]

Writes the trust feed of an issuer to one file, for a verifier without a network: the newest head,
the snapshot, and all that came after it, verified under the feed key. A file is as fresh as its
head: carry a new one over as often as the tiers of the verifier ask. With --all, one file for each
shard.

  hewn feed export --out feed.bin
  hewn feed export --issuer https://issuer.example --feed-key 5f0c... --all --out feeds

${FEED_HELP}
Exit code: 0, or 2 where it could not be done.`;

const FLAGS = {
  ...FEED_FLAGS,
  out: TEXT,
  all: SWITCH,
} as const;

interface Written {
  readonly file: string;
  readonly shard: number;
  readonly bytes: number;
}

export const feedExport: Command = {
  name: 'feed export',
  summary: 'the trust feed as a file, for verifiers without a network',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    if (positionals.length > 0) return refuse('it takes no words. See --help');
    const { out, all = false } = values;
    if (out === undefined) return refuse('--out says where to write it');
    if (all && values.shard !== undefined) return refuse('--all or --shard, not both');
    const source = await readSource(at, values);
    if (!source.ok) return source;
    const target = resolve(at.cwd, out);
    const written = all
      ? await exportAll(at, source.value, target)
      : await exportOne(at, source.value, target);
    if (!written.ok) return written;
    if (values.json === true) at.out(showJson(written.value));
    else {
      for (const { file, shard, bytes } of written.value) {
        at.out(`${showPath(at, file)}  shard ${shard}, ${bytes} bytes`);
      }
    }
    return YES;
  },
};

async function exportAll(
  at: Surroundings,
  source: ReplicaOptions,
  folder: string,
): Promise<Result<readonly Written[], string>> {
  await mkdir(folder, { recursive: true });
  const written: Written[] = [];
  for (let shard = 0; shard < FEED_SHARDS_MAX; shard++) {
    const one = await exportOne(at, { ...source, shard }, join(folder, `shard-${shard}.bin`));
    // How many there are, no head says: the first that is not served is one too many.
    if (!one.ok && shard > 0 && one.error === NOT_SERVED) break;
    if (!one.ok) return one;
    written.push(...one.value);
  }
  return ok(written);
}

const NOT_SERVED = describeFeedError({ code: 'feed_unreachable', why: 'HTTP 404' });

async function exportOne(
  at: Surroundings,
  source: ReplicaOptions,
  file: string,
): Promise<Result<readonly Written[], string>> {
  const exported = await exportFeed({
    ...source,
    now: () => at.now().getTime(),
    report: () => undefined, // It is this command's answer.
    refreshMilliseconds: FEED_EXPORT_MILLISECONDS_MAX,
    fetch: (path, init) => at.fetch(`${source.issuer}${path}`, { ...init, redirect: 'error' }),
  });
  if (!exported.ok) return refuse(describeFeedError(exported.error));
  const { length: bytes } = exported.value;
  try {
    await replaceFile(file, exported.value, 0o644);
  } catch (error) {
    return refuse(`${showPath(at, file)} cannot be written: ${(error as Error).message}`);
  }
  return ok([{ file, shard: source.shard ?? 0, bytes }]);
}
