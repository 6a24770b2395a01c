import type { Permission, powersOf } from '../operators/index.ts';

type Powers = ReturnType<typeof powersOf>;

const VERBS: { readonly [P in Permission]?: string } = {
  suspend: 'suspend',
  revoke: 'revoke',
  resume: 'resume',
  approve: 'answer',
  deny: 'deny',
  lift: 'lift',
  'activate-policy': 'activate',
  'end-session': 'end',
};

/**
 * Returns why this person may not do something, in words for the button that is disabled; undefined
 * if they may. The issuer decides again: this only spares a person an answer that is known.
 */
export function whyNot(
  powers: Powers,
  permission: Permission,
  owner: string | undefined,
): string | undefined {
  const verb = VERBS[permission] ?? permission;
  const power = powers[permission];
  if (power === undefined) return `None of your roles lets you ${verb} it.`;
  if (power === true || power.owners === undefined) return undefined;
  if (owner !== undefined && power.owners.includes(owner)) return undefined;
  const own = `You ${verb} for ${power.owners.join(', ') || 'no owner'}.`;
  return owner === undefined
    ? `${own} This belongs to no owner that is known.`
    : `${own} This belongs to ${owner}.`;
}
