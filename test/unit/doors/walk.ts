import type { Grant } from '../../../src/capability/index.ts';
import { AUDIENCE, AUTHORITY, at, mintToken } from '../fixtures/issuer.ts';

/** One public options object: the function that reads it, and a valid value with every member. */
export interface Walk {
  readonly name: string;
  /** The optional members. */
  readonly optional: readonly string[];
  readonly honest: Readonly<Record<string, unknown>>;
  readonly read: (given: Readonly<Record<string, unknown>>) => unknown;
}

/** `Required`, so that a new member of the type must be walked, too. */
export const walk = <T extends object>(
  name: string,
  honest: Required<T>,
  optional: readonly (keyof T & string)[],
  read: (given: T) => unknown,
): Walk => ({
  name,
  optional,
  honest: { ...honest } as Readonly<Record<string, unknown>>,
  read: (given) => read(given as unknown as T),
});

export const now = () => at(1);
export const unanswered = async () => new Response('{}', { status: 500 });
export const nothing = () => undefined;
export const token = mintToken();
export const [GRANT] = AUTHORITY.grants as readonly [Grant];
export const CAPABILITY = {
  token,
  workflow: 'wf_1',
  task: 'churn',
  audience: AUDIENCE,
  grants: [GRANT],
  expires: new Date(at(300)),
};
