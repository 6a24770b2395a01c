import type { DevOperator, DevSettings } from '../../deployment/index.ts';
import { type Directory, ROLE_NAMES } from '../../operators/index.ts';

export type DevPerson = DevOperator;

/** The provider of operators: no other provider has a name that begins with "-". */
export const OPERATORS_PATH = '/-/operators';
export const DEV_CLIENT = 'hewn-console';
const DEV_PROVIDER = 'dev';

/** Returns the people of `[dev.operators]`; without it, one for each role. */
export const peopleOf = ({ operators }: DevSettings): ReadonlyMap<string, DevPerson> =>
  new Map(
    Object.entries(
      operators ?? Object.fromEntries(ROLE_NAMES.map((role) => [role, { roles: [role] }])),
    ),
  );

/**
 * Returns who operators are in a run: those of the development identity provider, with the rule of
 * two people of the deployment. The operator credential stays an ordinary one, because `hewn dev`
 * itself uses it.
 */
export const devDirectory = (
  dev: DevSettings,
  { twoPeople, sessionMinutes }: Partial<Directory>,
  base: string,
): Partial<Directory> => ({
  providers: { [DEV_PROVIDER]: { issuer: `${base}${OPERATORS_PATH}`, clientId: DEV_CLIENT } },
  roles: [...peopleOf(dev)].flatMap(([name, { roles, owners, tools }]) =>
    roles.map((role) => ({
      role,
      provider: DEV_PROVIDER,
      claim: 'sub',
      values: [name],
      ...(owners && { owners: [...owners] }),
      ...(tools && { tools: [...tools] }),
    })),
  ),
  credential: 'administrator',
  ...(twoPeople !== undefined && { twoPeople }),
  ...(sessionMinutes !== undefined && { sessionMinutes }),
});
