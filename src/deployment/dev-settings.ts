import * as v from 'valibot';
import { checkAudience } from '../capability/index.ts';
import { ROLE_NAMES } from '../operators/index.ts';
import { upstreamUrl } from '../upstream/index.ts';
import { wholeNumber } from '../whole-number.ts';
import { ISSUER_SETTINGS, type Settings } from './settings.ts';
import { relativePath } from './texts.ts';

const port = wholeNumber(0, 65_535);

const party = {
  provider: v.exactOptional(v.string()),
  subject: v.exactOptional(v.pipe(v.string(), v.minLength(1, 'a text that is not empty'))),
  claims: v.exactOptional(
    v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.array(v.string())])),
  ),
};

const names = v.exactOptional(
  v.pipe(v.array(v.string()), v.minLength(1, 'a list of at least one name')),
);
const operator = v.strictObject({
  roles: v.pipe(
    v.array(v.picklist(ROLE_NAMES, `one of ${ROLE_NAMES.join(', ')}`)),
    v.minLength(1, 'a list of at least one role'),
  ),
  owners: names,
  tools: names,
});

const server = v.strictObject({
  command: v.exactOptional(
    v.pipe(v.array(v.string()), v.minLength(1, 'a list with the program and its arguments')),
  ),
  cwd: v.exactOptional(relativePath),
  variables: v.exactOptional(relativePath),
  url: v.exactOptional(upstreamUrl),
});

/** What `hewn dev` does with a deployment. Nothing of it is deployed. */
export const DEV_SETTINGS = {
  environment: {
    schema: v.string(),
    absent: 'the first environment',
    purpose: 'The environment whose providers, gateways and settings `hewn dev` runs.',
  },
  users: {
    schema: v.record(v.string(), v.strictObject(party)),
    absent: 'none',
    purpose:
      'People whom the development identity provider vouches for, by name: `[dev.users.alice]`. `provider` is the name of a provider, by default the only one that vouches for people. `subject` is the subject of its tokens, by default the name. `claims` are further claims.',
  },
  agents: {
    schema: v.record(v.string(), v.strictObject(party)),
    absent: 'none',
    purpose: 'Agents, in the same way: `[dev.agents.report-agent]`.',
  },
  operators: {
    schema: v.record(v.string(), operator),
    absent: 'one for each role, with its name',
    purpose:
      'People whom the development identity provider signs in to the console, without a password: `[dev.operators.olivia]` with `roles`, and `owners` and `tools` that limit them.',
  },
  servers: {
    schema: v.record(v.string(), server),
    absent: 'the upstreams of the gateways, as they are',
    purpose:
      'Servers that replace upstreams of the same name: `[dev.servers.NAME]`. `command` is an MCP server on standard streams that `hewn dev` starts, in the folder `cwd`, with the variables of the file `variables` (JSON, which only its owner may read); `url` is an MCP server or an HTTP API that runs already. It does not get the credential of the upstream.',
  },
  audiences: {
    schema: v.array(
      v.pipe(
        v.string(),
        v.check((text) => checkAudience(text).ok, 'a URL, such as "http://127.0.0.1:3000"'),
      ),
    ),
    absent: 'those of the environment',
    purpose:
      'Where APIs with a verifier of their own run on this machine. They replace `audiences`.',
  },
  ports: {
    schema: v.strictObject({
      issuer: v.exactOptional(port),
      gateway: v.exactOptional(port),
      identityProvider: v.exactOptional(port),
      servers: v.exactOptional(port),
    }),
    absent: '8788, 8787, 9400 and 9500',
    purpose:
      'Ports on 127.0.0.1; 0 takes a free one. `gateway` is the port of the first gateway, and each further one has the next port. The variables `HEWN_ISSUER_PORT`, `HEWN_GATEWAY_PORT`, `HEWN_IDP_PORT` and `HEWN_MCP_PORT` take precedence.',
  },
  deviationRules: {
    ...ISSUER_SETTINGS.deviationRules,
    absent: 'those of the environment',
    purpose: 'Deviation rules that only record (`shadow`), or are skipped (`off`).',
  },
} as const satisfies Settings;
