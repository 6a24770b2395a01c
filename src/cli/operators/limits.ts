import type { Narrowing } from '../../capability/index.ts';
import {
  OPERATOR_CAPABILITY_SECONDS_MAX,
  ownerDataset,
  permissionTool,
} from '../../operator-capability/index.ts';
import { PERMISSION_NAMES, type Permission } from '../../operators/index.ts';
import { ok, type Result, refuse } from '../../result.ts';
import type { CommandContext } from '../command.ts';
import { readEnd } from '../duration.ts';

const GRANTABLE = PERMISSION_NAMES.filter((name) => name !== 'delegate') as readonly Exclude<
  Permission,
  'delegate'
>[];

export const PERMISSION_FLAG = {
  permission: {
    kind: 'list',
    value: 'PERMISSION',
    choices: GRANTABLE,
    description: `what it allows, once for each: ${GRANTABLE.join(', ')}`,
  },
} as const;

export const OWNER_FLAG = {
  owner: {
    kind: 'list',
    value: 'OWNER',
    description: 'only for this owner; without it, for everything that it was made for',
  },
} as const;

/** How the end of a capability is given. */
export const UNTIL_TEXT = '18:00, a time in RFC 3339, or 30m or 2h from now';

export interface NarrowingFlags {
  readonly permission: readonly Permission[];
  readonly owner: readonly string[];
  readonly until: string | undefined;
}

/** Returns the narrowing that flags ask for. At least one of them must be there. */
export function narrowingOf(
  context: Pick<CommandContext, 'now' | 'zone'>,
  { permission, owner, until }: NarrowingFlags,
): Result<Narrowing, string> {
  const end =
    until === undefined
      ? undefined
      : readEnd(context, '--until', until, OPERATOR_CAPABILITY_SECONDS_MAX);
  if (end && !end.ok) return end;
  const datasets: string[] = [];
  for (const name of owner) {
    const dataset = ownerDataset(name);
    if (!dataset.ok) return refuse(`--owner ${JSON.stringify(name)} is no name of an owner`);
    datasets.push(dataset.value);
  }
  if (permission.length + owner.length === 0 && !end) {
    return refuse('name a --permission, an --owner or an --until: what is left is less');
  }
  return ok({
    ...(permission.length > 0 && { tool: permission.map(permissionTool) }),
    ...(datasets.length > 0 && { dataset: datasets }),
    ...(end && { expires: new Date(end.value * 1_000) }),
  });
}
