/** The version that an issuer decides by, and where it came from. */
export interface ActiveVersion {
  readonly version: string;
  /** `operator`, `deploy`, `dev` or `serve`. */
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}

export type VersionDecision =
  | { readonly kind: 'unchanged' }
  /** `expects`: what must still be active at that moment; null for nothing. */
  | { readonly kind: 'activate'; readonly expects: string | null }
  | { readonly kind: 'stop'; readonly active: ActiveVersion };

export interface VersionQuestion {
  /** The id of the version of this folder. */
  readonly wanted: string;
  readonly active: ActiveVersion | null;
  /** What the last deployment from this folder left in force; undefined if there was none. */
  readonly deployed: string | undefined;
  /** The beginning of the id of an active version that the operator agreed to replace. */
  readonly replace: string | undefined;
}

/**
 * Decides whether the version of a folder may become active. An operator changes a policy in an
 * emergency with `hewn versions activate`. A deployment from a folder that does not have the change
 * would silently undo it.
 *
 * So the active version must be the one that the last deployment from this folder left in force. A
 * new checkout, such as that of CI, does not know it. There it is enough that a deployment from
 * anywhere activated what is active, which is the rule of `putVersion` for the other commands.
 */
export function decideVersion({
  wanted,
  active,
  deployed,
  replace,
}: VersionQuestion): VersionDecision {
  if (active === null) return { kind: 'activate', expects: null };
  if (active.version === wanted) return { kind: 'unchanged' };
  const isAgreed = replace !== undefined && active.version.startsWith(replace);
  const isOurs = deployed === undefined ? active.by === 'deploy' : active.version === deployed;
  return isAgreed || isOurs
    ? { kind: 'activate', expects: active.version }
    : { kind: 'stop', active };
}

/** Shorter ones could match two versions by chance. */
export const REPLACE_CHARACTERS_MIN = 8;
