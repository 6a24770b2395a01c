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
  /** What the last deployment from this folder left in force; undefined if that is unknown. */
  readonly deployed: string | undefined;
  /** The beginning of the id of an active version that the operator agreed to replace. */
  readonly replace: string | undefined;
}

/**
 * Decides whether the version of a folder may become active. An operator changes a policy in an
 * emergency with `hewn versions activate`. A deployment from a folder that does not have the change
 * would silently undo it.
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
  // On another machine, or after a new checkout, `deployed` is unknown.
  const isOurs = active.by === 'deploy' && (deployed ?? active.version) === active.version;
  return isAgreed || isOurs
    ? { kind: 'activate', expects: active.version }
    : { kind: 'stop', active };
}

/** Shorter ones could match two versions by chance. */
export const REPLACE_CHARACTERS_MIN = 8;
