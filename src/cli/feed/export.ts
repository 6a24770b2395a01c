import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { replaceFile } from '../../durable-file.ts';
import { exportFeed, type ReplicaOptions } from '../../feed/index.ts';
import { FEED_SHARDS_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { type CommandContext, defineCommand, showJson, YES } from '../command.ts';
import { showPath } from '../keys/target.ts';
import { describeFeedError } from './errors.ts';
import { FEED_FLAGS, readFeedSource } from './source.ts';

const FEED_EXPORT_MILLISECONDS_MAX = 60_000; // The whole feed, over a slow connection.

interface Written {
  readonly file: string;
  readonly shard: number;
  readonly bytes: number;
}

export const feedExport = defineCommand({
  name: 'feed export',
  summary: 'write the trust feed to a file, for verifiers without a network',
  description: `Writes the trust feed of an issuer to one file: the newest head, the snapshot and every later entry, verified under the feed key. A verifier without a network reads it.

A file is as fresh as its head, so replace it as often as the tiers of the verifier require. With --all, writes one file for each shard into a folder.`,
  flags: {
    out: {
      kind: 'text',
      value: 'PATH',
      required: true,
      description: 'the file to write; with --all, the folder',
    },
    all: { kind: 'switch', description: 'export every shard' },
    ...FEED_FLAGS,
  },
  examples: [
    'hewn feed export --out feed.bin',
    'hewn feed export --issuer https://issuer.example --feed-key 5f0c... --all --out feeds',
  ],
  run: async ({ flags }, context) => {
    if (flags.all && flags.shard !== undefined) {
      return refuse('--all and --shard exclude each other');
    }
    const source = await readFeedSource(context, flags);
    if (!source.ok) return source;
    const target = resolve(context.cwd, flags.out);
    const written = flags.all
      ? await exportAll(context, source.value, target)
      : await exportOne(context, source.value, target);
    if (!written.ok) return written;
    if (flags.json) context.out(showJson(written.value));
    else {
      for (const { file, shard, bytes } of written.value) {
        context.out(`${showPath(context, file)}  shard ${shard}, ${bytes} bytes`);
      }
    }
    return YES;
  },
});

async function exportAll(
  context: CommandContext,
  source: ReplicaOptions,
  folder: string,
): Promise<Result<readonly Written[], string>> {
  await mkdir(folder, { recursive: true });
  const written: Written[] = [];
  for (let shard = 0; shard < FEED_SHARDS_MAX; shard++) {
    const file = join(folder, `shard-${shard}.bin`);
    const one = await exportOne(context, { ...source, shard }, file);
    // No head says how many shards there are: the first one that is not served is past the end.
    if (!one.ok && shard > 0 && one.error === NOT_SERVED) break;
    if (!one.ok) return one;
    written.push(...one.value);
  }
  return ok(written);
}

const NOT_SERVED = describeFeedError({ code: 'feed_unreachable', why: 'HTTP 404' });

async function exportOne(
  context: CommandContext,
  source: ReplicaOptions,
  file: string,
): Promise<Result<readonly Written[], string>> {
  const exported = await exportFeed({
    ...source,
    now: () => context.now().getTime(),
    report: () => undefined, // The command prints its own answer.
    refreshMilliseconds: FEED_EXPORT_MILLISECONDS_MAX,
    fetch: (path, init) => context.fetch(`${source.issuer}${path}`, { ...init, redirect: 'error' }),
  });
  if (!exported.ok) return refuse(describeFeedError(exported.error));
  const { length: bytes } = exported.value;
  try {
    await replaceFile(file, exported.value, 0o644);
  } catch (error) {
    return refuse(`cannot write ${showPath(context, file)}: ${(error as Error).message}`);
  }
  return ok([{ file, shard: source.shard ?? 0, bytes }]);
}
