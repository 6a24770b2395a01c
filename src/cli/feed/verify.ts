import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type FeedFloor, type FeedQuery, type FileFeed, openFeedFile } from '../../feed/index.ts';
import { FEED_FILE_BYTES_MAX } from '../../limits.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { floorFile } from '../../verifier-node/index.ts';
import {
  type Command,
  NO,
  readFlags,
  type Surroundings,
  SWITCH,
  showJson,
  TEXT,
  YES,
} from '../command.ts';
import { describeFeedError } from './errors.ts';
import { FEED_FLAGS, FEED_HELP, readSource } from './source.ts';
import { headFacts, headLines } from './telling.ts';

const HELP = `hewn feed verify FILE [--workflow ID] [--block ID] [--max-age SECONDS]
                 [--floor FILE [--keep]] [--issuer URL] [--feed-key HEX] [--shard N] [--json]

Opens a feed file without a network, as a verifier would, and says what is in it. With --workflow or
--block, whether that one is stopped. With --floor, an older file than the one before is refused;
--keep writes down this one, where it is good. With --max-age, so is a head that is older than that.
An entry goes when the last token that it could hit has ended: that a file has none of a workflow does
not say that it was never revoked. The issuer says so: hewn workflows show.

  hewn feed verify feed.bin --max-age 60
  hewn feed verify feed.bin --workflow wf_7Qx...
  hewn feed verify feed.bin --floor feed.floor --keep && cp feed.bin /srv/verifier/

${FEED_HELP}
Exit code: 0 it is good, and has no entry for what was asked about. 1 it is refused, too old, or what
was asked about is stopped. 2 it could not be tried.`;

const FLAGS = {
  ...FEED_FLAGS,
  workflow: TEXT,
  block: TEXT,
  'max-age': TEXT,
  floor: TEXT,
  keep: SWITCH,
} as const;

export const feedVerify: Command = {
  name: 'feed verify',
  summary: 'what a feed file says, and whether something is stopped by it',
  help: HELP,
  run: async (args, at) => {
    const flags = readFlags(args, FLAGS);
    if (!flags.ok) return flags;
    const { values, positionals } = flags.value;
    const [file, ...more] = positionals;
    if (file === undefined || more.length > 0) return refuse('it takes one FILE. See --help');
    const { 'max-age': maxAge = '253402300799', workflow, block, keep = false } = values;
    if (!/^\d{1,12}$/.test(maxAge)) return refuse('--max-age is a number of seconds');
    if (keep && values.floor === undefined) return refuse('--keep wants --floor FILE');
    const source = await readSource(at, values);
    if (!source.ok) return source;
    const bytes = await readInput(at, file);
    if (!bytes.ok) return bytes;
    const store = values.floor === undefined ? undefined : floorFile(resolve(at.cwd, values.floor));
    const floor = await loadFloor(store);
    if (!floor.ok) return floor;
    const now = () => at.now().getTime();
    const opened = await openFeedFile(bytes.value, {
      ...source.value,
      now,
      ...(floor.value && { floor: floor.value }),
    });
    const tell = (json: object, lines: readonly string[]): void =>
      at.out(values.json === true ? showJson(json) : lines.join('\n'));
    if (!opened.ok) {
      tell({ good: false, ...opened.error }, [`refused: ${describeFeedError(opened.error)}`]);
      return NO;
    }
    const { head } = opened.value;
    const seconds = Math.floor(now() / 1000);
    const isOld = seconds - head.issued_at > Number(maxAge);
    const stopped = stoppedIn(opened.value, { workflow, block });
    tell({ good: !isOld, stopped, ...headFacts(head, seconds) }, [
      isOld ? `too old: over ${maxAge} s` : 'signed and whole',
      ...headLines(head, seconds),
      ...Object.entries(stopped).map(([id, by]) => `  ${id}  ${by ?? NO_ENTRY}`),
    ]);
    const isGood = !isOld && Object.values(stopped).every((by) => by === null);
    if (!isOld && keep) await store?.save(head);
    return isGood ? YES : NO;
  },
};

/**
 * An entry goes when the last token that it could hit has ended, so a feed that has none does not
 * say that a workflow was never revoked; only that nothing is left to stop, or nothing is stopped.
 */
const NO_ENTRY = 'has no entry: it is not stopped, or no token of it can be alive any more';

/** By what, for each id that was asked about; null where the feed has no entry for it. */
function stoppedIn(
  feed: FileFeed,
  { workflow, block }: { workflow: string | undefined; block: string | undefined },
): Readonly<Record<string, string | null>> {
  // Of no one else and of the end of time: what hits it, hits the id.
  const nobody: FeedQuery = {
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
  const by = (question: Partial<FeedQuery>): string | null => {
    const hit = feed.find({ ...nobody, ...question });
    return hit === undefined ? null : hit.by === 'suspension' ? 'is suspended' : 'is revoked';
  };
  return {
    // A child's id begins with that of its root, whose entry stops it, too.
    ...(workflow !== undefined && {
      [workflow]: by({ workflow, ancestors: workflow.split('.').slice(0, 1) }),
    }),
    ...(block !== undefined && { [block]: by({ blocks: [block] }) }),
  };
}

async function readInput(
  at: Surroundings,
  file: string,
): Promise<Result<Uint8Array<ArrayBuffer>, string>> {
  try {
    const path = resolve(at.cwd, file);
    if ((await stat(path)).size > FEED_FILE_BYTES_MAX) return refuse(`${file} is no feed file`);
    return ok(new Uint8Array(await readFile(path)));
  } catch (error) {
    return refuse(`${file} cannot be read: ${(error as Error).message}`);
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
