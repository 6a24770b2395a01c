import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as v from 'valibot';
import type { UnixSeconds } from '../../clock.ts';
import { replaceFile } from '../../durable-file.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { withLock } from '../lock-file.ts';

type Variables = Pick<CommandContext, 'variable'>;

/** A session of one person at one issuer. The token is a secret. */
export interface Session {
  readonly token: string;
  readonly ends: UnixSeconds;
  /** As records have it. */
  readonly name: string;
}

const sessions = v.record(
  v.string(),
  v.object({ token: v.string(), ends: v.number(), name: v.string() }),
);
type Sessions = v.InferOutput<typeof sessions>;

/**
 * Returns the file of the sessions, in the configuration folder of the user: a repository or a
 * deployment folder is shared, and a session is not. Undefined if the user has no folder.
 */
function sessionFile({ variable }: Variables): string | undefined {
  const home = variable('HOME') ?? variable('USERPROFILE');
  const folder =
    variable('XDG_CONFIG_HOME') ??
    variable('APPDATA') ??
    (home === undefined ? undefined : join(home, '.config'));
  return folder === undefined ? undefined : join(folder, 'hewn', 'sessions.json');
}

/** Reads the session at an issuer, even one that has ended. A missing file has no session. */
export async function readSession(
  context: Variables,
  issuer: string,
): Promise<Result<Session | undefined, string>> {
  const file = sessionFile(context);
  if (file === undefined) return ok(undefined);
  const all = await readAll(file);
  if (!all.ok) return all;
  return ok(Object.hasOwn(all.value, issuer) ? all.value[issuer] : undefined);
}

/** Keeps a session, or removes the one at this issuer. Returns the name of the file. */
export async function keepSession(
  context: Variables,
  issuer: string,
  session: Session | undefined,
): Promise<Result<string, string>> {
  const file = sessionFile(context);
  if (file === undefined) {
    return refuse('no folder for the session: set HOME or XDG_CONFIG_HOME');
  }
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  } catch (error) {
    return refuse(`cannot create ${dirname(file)}: ${(error as Error).message}`);
  }
  return withLock(file, async () => {
    const all = await readAll(file);
    if (!all.ok) return all;
    const { [issuer]: _, ...others } = all.value;
    const kept: Sessions = session === undefined ? others : { ...others, [issuer]: session };
    await replaceFile(file, `${JSON.stringify(kept, null, 2)}\n`, 0o600);
    return ok(file);
  });
}

async function readAll(file: string): Promise<Result<Sessions, string>> {
  try {
    const read = v.safeParse(sessions, JSON.parse(await readFile(file, 'utf8')));
    return read.success ? ok(read.output) : refuse(`${file} is damaged: delete it`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return ok({});
    return refuse(
      code === undefined ? `${file} is damaged: delete it` : `cannot read ${file}: ${code}`,
    );
  }
}
