import { type AdminCaller, createAdminCaller, putVersion } from '../../src/issuer-api/index.ts';
import type { Version } from '../../src/version/index.ts';
import type { Stage } from './stage.ts';

const ANYONE = `owner("team:growth");
max_lifetime(300);
allow if user("local-idp", $user);
`;

/** The admin API is called at a loopback URL only, so this one stands for the issuer. */
const LOCAL = 'http://127.0.0.1:8788';

/** Calls the admin API of a stage as its operator. */
export const adminOf = (stage: Pick<Stage, 'issuer' | 'operator' | 'fetch'>): AdminCaller =>
  createAdminCaller({
    url: LOCAL,
    credential: stage.operator,
    fetch: (input, init) => stage.fetch(String(input).replace(LOCAL, stage.issuer), init),
  });

/** Makes a policy and a catalogue the active version, which the feed names to the gateway. */
export async function activate(
  stage: Pick<Stage, 'issuer' | 'operator' | 'fetch'>,
  version: Version,
): Promise<void> {
  const put = await putVersion(adminOf(stage), { version, by: 'dev', reason: 'test' });
  if (!put.ok) throw new Error(JSON.stringify(put.error));
}

/** Makes a catalogue active, with a policy that lets every user do what it lists. */
export const activateCatalogue = (
  stage: Parameters<typeof activate>[0],
  catalogue: string,
): Promise<void> => activate(stage, { policy: { 'policy/anyone.datalog': ANYONE }, catalogue });
