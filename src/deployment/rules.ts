import { readIssuers } from '../identity/index.ts';
import { GATEWAY_SHARDS_MAX } from '../limits.ts';
import { directoryFaults } from '../operators/index.ts';
import { tableOf } from '../upstream/index.ts';
import type { KeyPath, RuleFault } from './fault.ts';
import { type Environment, workerName } from './model.ts';
import { notifyRuleFaults } from './notify-settings.ts';
import { routeFaults } from './routes.ts';
import { serveFaults } from './serve-settings.ts';
import { upstreamRuleFaults } from './upstream-faults.ts';

type Rule = (environment: Environment) => readonly RuleFault[];

/** What must hold between the values of one environment, beside the rules of each value. */
export const RULES_OF_ENVIRONMENT = {
  providersAreDistinct: ({ providers, issuer }) => {
    if (providers.length === 0) return [];
    const read = readIssuers(providers);
    if (!read.ok) {
      const [index = '', ...rest] = read.error.where.split('.');
      const name = String(providers[Number(index)]?.name ?? '');
      const path = ['providers', name, ...rest].filter((part) => part !== '');
      return [{ path, found: `conflict: ${read.error.why}`, allowed: 'see Identity issuers' }];
    }
    const own = read.value.findIndex((entry) => 'issuer' in entry && entry.issuer === issuer.url);
    if (own < 0) return [];
    const path = ['providers', String(providers[own]?.name), 'issuer'];
    const found = 'is the issuer of this deployment, which must not vouch for identities';
    return [{ path, found, allowed: 'the URL of an identity provider' }];
  },

  urlsAreDistinct: ({ issuer, gateways }) => {
    const used = new Map([[issuer.url, 'the issuer']]);
    return gateways.flatMap(({ name, url }) => {
      const other = used.get(url);
      used.set(url, `gateway "${name}"`);
      const path = ['gateways', name, 'url'];
      return other === undefined
        ? []
        : [{ path, found: `is also the URL of ${other}`, allowed: 'a URL of its own' }];
    });
  },

  someoneVerifies: ({ issuer, gateways }) =>
    gateways.length > 0 || issuer.audiences !== undefined
      ? []
      : [
          {
            path: ['issuer', 'audiences'],
            found: 'missing, and there is no gateway',
            allowed: 'the URLs of your APIs, or a table [gateways.NAME]',
          },
        ],

  audiencesAreDistinct: ({ issuer, gateways }) => {
    const seen = new Set(gateways.map(({ url }) => url));
    return (issuer.audiences ?? []).flatMap((audience, index) => {
      const isSeen = seen.has(audience);
      seen.add(audience);
      const path = ['issuer', 'audiences', index];
      if (audience === `${issuer.url}/admin`) {
        const found = 'is the audience of operator capabilities';
        return [{ path, found, allowed: 'the URL of an API' }];
      }
      const found = 'appears twice: the URLs of the gateways are audiences already';
      return isSeen ? [{ path, found, allowed: 'each audience once' }] : [];
    });
  },

  credentialsHaveAudiences: ({ issuer, gateways }) => {
    const known = [...gateways.map(({ url }) => url), ...(issuer.audiences ?? [])];
    return (issuer.verifierCredentials ?? []).flatMap(({ audience }, index) =>
      known.includes(audience)
        ? []
        : [
            {
              path: ['issuer', 'verifierCredentials', index, 'audience'],
              found: 'is no audience of this environment',
              allowed: `${known.join(', ')}; for the audiences of [dev], hewn dev makes credentials itself, in .hewn/dev.env`,
            },
          ],
    );
  },

  gatewaysFollowAllShards: ({ issuer, gateways }) =>
    gateways.length > 0 && (issuer.feedShards ?? 1) > GATEWAY_SHARDS_MAX
      ? [
          {
            path: ['issuer', 'feedShards'],
            found: `found ${issuer.feedShards}, more than a gateway follows`,
            allowed: `at most ${GATEWAY_SHARDS_MAX}`,
          },
        ]
      : [],

  killsAreWhole: ({ issuer, gateways }) =>
    gateways.flatMap(({ name, killPublicKey, killUrl }) => {
      if ((killPublicKey === undefined) !== (killUrl === undefined)) {
        const [there, absent] = killUrl === undefined ? KILL_KEYS : [...KILL_KEYS].reverse();
        const found = `${there} without ${absent}: the kill switch would do nothing`;
        const path = ['gateways', name, String(there)];
        return [{ path, found, allowed: 'both or neither' }];
      }
      const isWithIssuer =
        killUrl !== undefined && new URL(killUrl).host === new URL(issuer.url).host;
      const path = ['gateways', name, 'killUrl'];
      const found = 'is on the host of the issuer: kill statements are for when it is down';
      return isWithIssuer ? [{ path, found, allowed: 'another host' }] : [];
    }),

  upstreamsAreElsewhere: ({ issuer, gateways }) => {
    const own = [issuer.url, ...gateways.map(({ url }) => url)].map((url) => new URL(url).origin);
    return gateways.flatMap(({ name, upstreams }) =>
      Object.entries(upstreams)
        .filter(([, upstream]) => own.includes(new URL(tableOf(upstream).url).origin))
        .map(([server]) => ({
          path: ['gateways', name, 'upstreams', server],
          found: 'leads to a Worker of this deployment',
          allowed: 'the URL of an MCP server',
        })),
    );
  },

  upstreamsAreReachable: ({ gateways }) =>
    gateways.flatMap(({ name, upstreams }) =>
      upstreamRuleFaults(['gateways', name, 'upstreams'], upstreams),
    ),

  operatorsAreConsistent: ({ operators }) =>
    directoryFaults(operators).map(({ path, ...fault }) => ({
      path: ['operators', ...path],
      ...fault,
    })),

  routesAreReachable: routeFaults,

  servesWhatItCanReach: serveFaults,

  notifiesFewTargets: notifyRuleFaults,

  secretsAppearOnce: ({ issuer, gateways }) => {
    const lists = [
      { path: ['issuer'], secrets: issuer.secrets },
      ...gateways.map(({ name, secrets }) => ({ path: ['gateways', name], secrets })),
    ];
    return lists.flatMap(({ path, secrets = [] }) =>
      secrets.flatMap((secret, index) =>
        secrets.indexOf(secret) < index
          ? [{ path: [...path, 'secrets', index], found: 'appears twice', allowed: 'once' }]
          : [],
      ),
    );
  },
} satisfies Readonly<Record<string, Rule>>;

const KILL_KEYS = ['killPublicKey', 'killUrl'] as const;

/** A fault between two environments, in the second of them. */
export interface SharedFault extends RuleFault {
  readonly environment: string;
}

/**
 * What environments must not share. A gateway of staging that accepted tokens of production, or the
 * other way round, would make the two one.
 */
export function sharedFaults(environments: readonly Environment[]): readonly SharedFault[] {
  const used = new Map<string, string>();
  const faults: SharedFault[] = [];
  const claim = (environment: string, kind: string, value: string, path: KeyPath): void => {
    const owner = used.get(`${kind} ${value}`);
    used.set(`${kind} ${value}`, owner ?? environment);
    if (owner === undefined) return;
    const found =
      owner === environment
        ? `has the same ${kind} as another Worker of the environment "${environment}"`
        : `has the same ${kind} as the environment "${owner}"`;
    faults.push({ environment, path, found, allowed: `a ${kind} of its own` });
  };
  for (const environment of environments) {
    const { name, issuer, gateways } = environment;
    claim(name, 'URL', new URL(issuer.url).origin, ['issuer', 'url']);
    claim(name, 'Worker name', workerName(environment, 'issuer'), ['issuer']);
    for (const key of issuer.feedPublicKey?.split(' ') ?? []) {
      claim(name, 'feed key', key, ['issuer', 'feedPublicKey']);
    }
    for (const gateway of gateways) {
      const path = ['gateways', gateway.name];
      if (gateway.url !== issuer.url) claim(name, 'URL', gateway.url, [...path, 'url']);
      claim(name, 'Worker name', workerName(environment, gateway.name), path);
    }
  }
  return faults;
}
