import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { toSeconds } from '../../clock.ts';
import { type FeedFloor, type FeedQuery, type FileFeed, openFeedFile } from '../../feed/index.ts';
import { UNIX_SECONDS_MAX } from '../../issuer-api/index.ts';
import { FEED_FILE_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { floorFile } from '../../verifier-node/index.ts';
import { type CommandContext, defineCommand, NO, showJson, YES } from '../command.ts';
import { describeFeedError } from './errors.ts';
import { headFacts, headLines } from './head-report.ts';
import { FEED_FLAGS, readFeedSource } from './source.ts';
import { readWitnesses, seenBy, WITNESSES_FLAG } from './witnesses.ts';

export const feedVerify = defineCommand({
  name: 'feed verify',
  summary: 'verify a feed file, and look up what it stops',
  operands: 'FILE',
  description: `Opens a feed file without a network, as a verifier does, and prints its state. With --workflow or --block, says whether the feed stops that workflow or block.

An entry is dropped when the last token that it could stop has expired. So a file without an entry does not prove that a workflow was never revoked; hewn workflows show does.`,
  flags: {
    workflow: { kind: 'text', value: 'ID', description: 'look up this workflow' },
    block: { kind: 'text', value: 'ID', description: 'look up this block' },
    'max-age': {
      kind: 'text',
      value: 'SECONDS',
      description: 'reject a head that is older than this',
    },
    floor: {
      kind: 'text',
      value: 'FILE',
      description: 'reject a feed that is older than the one recorded in this file',
    },
    keep: { kind: 'switch', description: 'record this feed in the floor file, if it is accepted' },
    ...WITNESSES_FLAG,
    ...FEED_FLAGS,
  },
  examples: [
    'hewn feed verify feed.bin --max-age 60',
    'hewn feed verify feed.bin --workflow wf_7Qx...',
    'hewn feed verify feed.bin --floor feed.floor --keep && cp feed.bin /srv/verifier/',
  ],
  exitCodes: {
    0: 'the file is valid, and has no entry for what was looked up',
    1: 'the file is rejected or too old, or it stops what was looked up',
    2: 'it could not be checked',
  },
  run: async ({ flags, operands }, context) => {
    const [file, ...more] = operands;
    if (file === undefined || more.length > 0) return refuse('expected one FILE. See --help');
    const { 'max-age': maxAge = String(UNIX_SECONDS_MAX), workflow, block, keep, floor } = flags;
    if (!/^\d{1,12}$/.test(maxAge)) return refuse('--max-age must be a number of seconds');
    if (keep && floor === undefined) return refuse('--keep needs --floor FILE');
    const source = await readFeedSource(context, flags);
    if (!source.ok) return source;
    const demanded = await readWitnesses(context, flags.witnesses);
    if (!demanded.ok) return demanded;
    const bytes = await readInput(context, file);
    if (!bytes.ok) return bytes;
    const store = floor === undefined ? undefined : floorFile(resolve(context.cwd, floor));
    const known = await loadFloor(store);
    if (!known.ok) return known;
    const now = () => context.now().getTime();
    const opened = await openFeedFile(bytes.value, {
      ...source.value,
      now,
      ...(known.value && { floor: known.value }),
      ...(demanded.value && { witnesses: demanded.value.text }),
    });
    const print = (json: object, lines: readonly string[]): void =>
      context.out(flags.json ? showJson(json) : lines.join('\n'));
    if (!opened.ok) {
      print({ good: false, ...opened.error }, [`rejected: ${describeFeedError(opened.error)}`]);
      return NO;
    }
    const { head } = opened.value;
    const seen = await seenBy(head, demanded.value?.policy);
    const seconds = toSeconds(now());
    const isOld = seconds - head.issued_at > Number(maxAge);
    const stopped = findStops(opened.value, { workflow, block });
    print({ good: !isOld, stopped, ...headFacts(head, seconds, seen) }, [
      isOld ? `too old: over ${maxAge} s` : 'signed and complete',
      ...headLines(context, head, seconds, seen),
      ...Object.entries(stopped).map(([id, stop]) => `  ${id}  ${stop ?? NO_ENTRY}`),
    ]);
    if (isOld) return NO;
    if (keep) await store?.save(head);
    return Object.values(stopped).every((stop) => stop === null) ? YES : NO;
  },
});

const NO_ENTRY = 'has no entry: it is not stopped, or none of its tokens can still be valid';

/** Returns what stops each id that was asked about; null where the feed has no entry for it. */
function findStops(
  feed: FileFeed,
  { workflow, block }: { workflow: string | undefined; block: string | undefined },
): Readonly<Record<string, string | null>> {
  // Matches no scope, and was issued at the end of time: an entry that matches must be for the id.
  const matchingNothing: FeedQuery = {
    workflow: '',
    ancestors: [],
    gen: Number.MAX_SAFE_INTEGER,
    blocks: [],
    grants: [],
    issuerKey: '',
    agent: '',
    subject: '',
    owner: '',
    audience: '',
    issuedAt: new Date(8.64e15),
  };
  const find = (query: Partial<FeedQuery>): string | null => {
    const hit = feed.find({ ...matchingNothing, ...query });
    return hit === undefined ? null : hit.by === 'suspension' ? 'is suspended' : 'is revoked';
  };
  return {
    // A child's id begins with that of its root, whose entry stops it as well.
    ...(workflow !== undefined && {
      [workflow]: find({ workflow, ancestors: workflow.split('.').slice(0, 1) }),
    }),
    ...(block !== undefined && { [block]: find({ blocks: [block] }) }),
  };
}

async function readInput(
  context: CommandContext,
  file: string,
): Promise<Result<Uint8Array<ArrayBuffer>, string>> {
  try {
    const path = resolve(context.cwd, file);
    if ((await stat(path)).size > FEED_FILE_BYTES_MAX) {
      return refuse(`${file} is larger than any feed file`);
    }
    return ok(new Uint8Array(await readFile(path)));
  } catch (error) {
    return refuse(`cannot read ${file}: ${(error as Error).message}`);
  }
}

async function loadFloor(
  store: ReturnType<typeof floorFile> | undefined,
): Promise<Result<FeedFloor | undefined, string>> {
  try {
    return ok(await store?.load());
  } catch (error) {
    return refuse((error as Error).message);
  }
}
