import * as v from 'valibot';
import { type IdentityIssuer, probeIssuer, readIssuers } from '../../identity/index.ts';
import { ok } from '../../result.ts';
import { ask, jsonOf } from '../ask.ts';
import type { Check, Observation, Site } from '../examine.ts';
import { unasked } from './keys.ts';

export const providersCheck: Check = {
  name: 'providers',
  advice:
    'Correct the entry in hewn.toml, or ask the operator of the provider. Its tokens are refused once its keys are unknown.',
  run: async (site) => {
    const { environment, status } = site;
    // hewn dev has its own provider, which the file does not list.
    const none = environment.providers.length === 0;
    const read = none ? ok([]) : readIssuers(environment.providers);
    if (!read.ok) {
      return [{ subject: 'files', status: 'fail', detail: 'the providers have a fault' }];
    }
    const fromHere = read.value.flatMap((entry) => [
      keysFromHere(site, entry),
      ...(isOidc(entry) ? [discovery(site, entry)] : []),
    ]);
    const [asked, ...observed] = await Promise.all([status(), ...fromHere]);
    return [
      ...observed.flat(),
      ...(asked.ok ? asked.value.providers.map(asSeen) : [unasked(asked.error)]),
    ];
  },
};

type Oidc = Extract<IdentityIssuer, { readonly issuer: string }>;

const isOidc = (entry: IdentityIssuer): entry is Oidc => 'issuer' in entry;

async function keysFromHere(
  { fetch: fetching }: Site,
  entry: IdentityIssuer,
): Promise<readonly Observation[]> {
  const { name, keys, why } = await probeIssuer(entry, (url, init) => fetching(url, init));
  if (keys === 'static')
    return [{ subject: name, status: 'ok', detail: 'its keys are in hewn.toml' }];
  return [
    keys === 'reachable'
      ? { subject: name, status: 'ok', detail: 'its keys are reachable from here' }
      : { subject: name, status: 'warn', detail: `its keys are not reachable from here (${why})` },
  ];
}

const documentSchema = v.looseObject({ issuer: v.string(), jwks_uri: v.string() });

/** A provider without a document is fine: Hewn reads keys from `jwksUri` only. */
async function discovery(
  site: Site,
  { name, issuer, jwksUri }: Oidc,
): Promise<readonly Observation[]> {
  const asked = await ask(site, `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const read =
    asked.kind === 'answer' && asked.status === 200
      ? v.safeParse(documentSchema, jsonOf(asked.text))
      : undefined;
  if (!read?.success) return [];
  const { issuer: stated, jwks_uri: keys } = read.output;
  if (stated !== issuer) {
    const detail = `its discovery document is for another issuer: ${JSON.stringify(stated.slice(0, 200))}`;
    return [{ subject: name, status: 'fail', detail }];
  }
  if (keys !== jwksUri) {
    const detail = `its discovery document names other keys: ${JSON.stringify(keys.slice(0, 200))}`;
    return [{ subject: name, status: 'warn', detail }];
  }
  return [{ subject: name, status: 'ok', detail: 'its discovery document agrees' }];
}

const asSeen = ({
  name,
  keys,
  why,
}: {
  readonly name: string;
  readonly keys: string;
  readonly why?: string | undefined;
}): Observation =>
  keys === 'unreachable'
    ? {
        subject: name,
        status: 'fail',
        detail: `the issuer cannot fetch its keys (${why})`,
        advice:
          'Agents of this provider are refused: check jwksUri, and what the provider lets in.',
      }
    : { subject: name, status: 'ok', detail: 'the issuer has its keys' };
