import { ADMIN_API, type RouteAnswer } from '../../issuer-api/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import { isVersionId } from '../../version/index.ts';
import type { CommandContext } from '../command.ts';
import { callIssuer, type IssuerFlags } from '../issuer.ts';

export type VersionSummary = RouteAnswer<
  typeof ADMIN_API.versions.listVersions
>['versions'][number];
export type StoredVersion = RouteAnswer<typeof ADMIN_API.versions.showVersion>;
export type VersionStatus = RouteAnswer<typeof ADMIN_API.versions.showActiveVersion>;
export type Activation = NonNullable<VersionStatus['active']>;

/** As much of an id as people read. All commands accept the start of one. */
export const short = (id: string): string => id.slice(0, 12);

/** The shortest start of an id that a command accepts. */
const PREFIX_CHARACTERS_MIN = 6;

/** Returns the whole id of the stored version whose id starts with `text`. */
export async function findId(
  context: CommandContext,
  flags: IssuerFlags,
  text: string | undefined,
): Promise<Result<string, string>> {
  if (text === undefined) return refuse('name a version by its id, or by the start of it');
  if (isVersionId(text)) return ok(text);
  if (text === 'active') {
    const status = await callIssuer(context, flags, ADMIN_API.versions.showActiveVersion, {});
    if (!status.ok) return status;
    const id = status.value.active?.version;
    return id === undefined ? refuse('no version is active') : ok(id);
  }
  if (!/^[0-9a-f]+$/.test(text) || text.length < PREFIX_CHARACTERS_MIN) {
    return refuse(
      `${JSON.stringify(text)} is no id: write active, or at least ${PREFIX_CHARACTERS_MIN} digits in lower-case hex`,
    );
  }
  const listed = await callIssuer(context, flags, ADMIN_API.versions.listVersions, {});
  if (!listed.ok) return listed;
  const found = listed.value.versions.filter(({ id }) => id.startsWith(text));
  const [only, other] = found;
  if (!only) return refuse(`no stored version has an id that starts with ${text}`);
  if (other) return refuse(`${found.length} versions have ids that start with ${text}: write more`);
  return ok(only.id);
}

export const showStored = (context: CommandContext, flags: IssuerFlags, id: string) =>
  callIssuer(context, flags, ADMIN_API.versions.showVersion, { params: { id } });

export const showStatus = (context: CommandContext, flags: IssuerFlags) =>
  callIssuer(context, flags, ADMIN_API.versions.showActiveVersion, {});
