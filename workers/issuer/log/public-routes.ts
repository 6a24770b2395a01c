import type { IRequest } from 'itty-router';
import {
  CONTROL_LOG,
  DECISION_LOGS,
  isLogName,
  type LogName,
  logKindOf,
  OLD_LOG,
  ROOT_LOG,
} from '../../../src/audit/index.ts';
import { fromUtf8 } from '../../../src/encoding.ts';
import type { PublicApi } from '../../../src/issuer-api/index.ts';
import {
  type Bundle,
  encodeBundle,
  HASH_BYTES,
  readBundlePath,
  readCheckpoint,
  readNote,
  readTilePath,
  TILE_HASHES,
  type Tile,
  tileWidth,
} from '../../../src/tlog/index.ts';
import { authenticate, requireOperator } from '../operators/authenticate.ts';
import { requirePermission } from '../operators/scope.ts';
import { archiveOf, type IssuerEnv } from '../platform/env.ts';
import { problem } from '../platform/http.ts';
import type { PublicHandlers } from '../platform/router.ts';
import { controlLogs } from './control-logs.ts';
import { readEntries, readState } from './read.ts';
import { CHECKPOINT, fullTilePath, TAIL } from './seal/paths.ts';
import { readTail } from './seal/tail.ts';
import { Tree } from './seal/tree.ts';

/**
 * A log as C2SP tlog-tiles has it, for anyone who checks it. Checkpoints and hashes are public:
 * they say how many records there are, and nothing of what is in them. Entries are for operators
 * and auditors: what is not personal in them still says which tools are called, and when.
 */
export const logRoutes: PublicHandlers<PublicApi['log']> = {
  checkpoint: async (request, env) => {
    const log = await logNamed(request, env);
    const stored = log && (await archiveOf(env, log).get(CHECKPOINT));
    if (!stored) return unknown();
    const headers = { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-cache' };
    return new Response(stored.bytes, { headers });
  },
  tile: async (request, env) => {
    const log = await logNamed(request, env);
    const path = `tile/${String(request.params.tile)}`;
    const bundle = readBundlePath(path);
    const refused = bundle && (await refusalToRead(request as IRequest, env));
    if (refused) return refused;
    const tile = readTilePath(path);
    const bytes = log && (await readPart(env, log, tile, bundle));
    return bytes ? new Response(bytes, { headers: headersOf(bundle) }) : unknown();
  },
};

/** Refuses entries to anyone who may not read the trail. */
async function refusalToRead(request: IRequest, env: IssuerEnv): Promise<Response | undefined> {
  const unauthorized = await requireOperator(request, env);
  if (unauthorized) return unauthorized;
  const operator = await authenticate(request, env);
  const permitted =
    operator.ok && requirePermission(operator.value.operator, { needs: 'read-trail' });
  return permitted && !permitted.ok ? problem(permitted.error) : undefined;
}

const headersOf = (bundle: Bundle | undefined) => ({
  'content-type': 'application/octet-stream',
  // A shared cache must not give entries to someone without the credential.
  'cache-control': `${bundle ? 'private' : 'public'}, max-age=31536000, immutable`,
});

const unknown = (): Response =>
  problem({ code: 'log_part_unknown' }, { 'cache-control': 'no-store' });

/** Returns the log if it is served. Any other name must not create a Durable Object. */
async function logNamed({ params }: IRequest, env: IssuerEnv): Promise<LogName | undefined> {
  const name = String(params.log);
  if (!isLogName(name)) return undefined;
  if ([CONTROL_LOG, ROOT_LOG, OLD_LOG, ...DECISION_LOGS].includes(name)) return name;
  if (logKindOf(name) !== 'control') return undefined;
  // A bucket has nothing of a log that does not exist. An object would be made by asking.
  return env.ARCHIVE || (await controlLogs(env)).includes(name) ? name : undefined;
}

/** Nothing is served that the published checkpoint does not cover: it could still change. */
async function readPart(
  env: IssuerEnv,
  log: LogName,
  tile: Tile | undefined,
  bundle: Bundle | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const part = tile ?? (bundle && { level: 0, ...bundle });
  if (!part) return undefined;
  const size = await signedSize(env, log);
  if (tileWidth(part.level, part.index, size) < part.width) return undefined;
  if (bundle) return await readBundle(env, log, bundle);
  return await readTile(env, log, part);
}

async function signedSize(env: IssuerEnv, log: LogName): Promise<number> {
  const stored = await archiveOf(env, log).get(CHECKPOINT);
  const note = readNote(fromUtf8(stored?.bytes ?? new Uint8Array()) ?? '');
  const checkpoint = note.ok ? readCheckpoint(note.value.text) : note;
  return checkpoint.ok ? checkpoint.value.size : 0;
}

async function readTile(
  env: IssuerEnv,
  log: LogName,
  tile: Tile,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const archive = archiveOf(env, log);
  const cut = (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, tile.width * HASH_BYTES);
  const full = await archive.get(fullTilePath(tile));
  if (full) return cut(full.bytes);
  const tail = await archive.get(TAIL);
  const read = tail && readTail(tail.bytes);
  if (!read) return undefined;
  const tree = new Tree(read.floor, read.edge, read.leaves);
  return tree.tile(tile) ?? undefined;
}

async function readBundle(
  env: IssuerEnv,
  log: LogName,
  { index, width }: Bundle,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const state = await readState(env, log);
  const entries = await readEntries(env, state, index * TILE_HASHES, width);
  if (entries.length < width) return undefined;
  return encodeBundle(entries.map(({ entry }) => entry));
}
