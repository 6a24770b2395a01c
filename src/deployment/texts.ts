import * as v from 'valibot';
import { checkAudience, checkDataset, checkTool } from '../capability/index.ts';
import { checkedText } from '../checked-text.ts';
import { readHeaderName } from '../rates/index.ts';

/**
 * The kinds of values in the file. The message of each says what is allowed, and its inner schema
 * becomes the JSON Schema: checks that JSON Schema cannot state are left out there.
 */

const matching = (pattern: RegExp, allowed: string) =>
  v.pipe(v.string(), v.regex(pattern, allowed), v.description(allowed));

// Worker names have at most 63 characters: 24 + 1 + 16 + 1 + 20 are 62.
export const deploymentName = matching(
  /^[a-z](?:[a-z0-9-]{0,22}[a-z0-9])?$/,
  'lower-case letters, digits and "-", at most 24, starting with a letter',
);

export const environmentName = /^[a-z](?:[a-z0-9-]{0,14}[a-z0-9])?$/;
export const gatewayName = /^[a-z](?:[a-z0-9-]{0,18}[a-z0-9])?$/;
/** The name of a profile for agents. */
export const profileName = /^[a-z][a-z0-9-]{0,31}$/;
export const providerName = /^[a-z0-9][a-z0-9-]{0,62}$/;

export const LOOPBACK = /^(?:localhost|\[::1\]|127(?:\.\d{1,3}){3})$/;

/** http exists only on this machine: elsewhere, tokens would be readable on the way. */
export const serviceUrl = checkedText((text) => {
  if (!checkAudience(text).ok || text.endsWith('/')) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || LOOPBACK.test(hostname);
}, 'an https URL (http on loopback) with a lower-case host, and without a slash at the end, default port, user info, query and fragment');

/** As browsers write it: any other spelling would never match. */
export const webOrigin = checkedText(
  (text) => URL.canParse(text) && new URL(text).origin === text && text !== 'null',
  'an origin as browsers write it, such as "https://app.example"',
);

export const plainHttpsUrl = checkedText((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'https:' && !url.username && !url.password && !text.includes('#');
}, 'an https URL without user info and fragment');

export const headerName = checkedText(
  (text) => text !== '' && readHeaderName(text) !== undefined,
  'the name of an HTTP header, such as "cf-connecting-ip"',
);

export const publicKey = matching(/^[0-9a-f]{64}$/, 'a public key: 64 lower-case hex digits');

export const feedPublicKey = matching(
  /^[0-9a-f]{64}(?: [0-9a-f]{64})?$/,
  'a public key of 64 lower-case hex digits, or two of them with a space between',
);

export const relativePath = checkedText(
  (text) => text !== '' && !/^[/\\~]|^[A-Za-z]:|\\|\0|^\s|\s$|\$\{|:\/\//.test(text),
  'a path relative to this file, with "/" between its parts',
);

export const toolName = checkedText((text) => checkTool(text).ok, 'the name of a tool');
export const datasetName = checkedText((text) => checkDataset(text).ok, 'the name of a dataset');

/** A host name for a custom domain, or a host name and a path pattern for a route. */
export const route = matching(
  /^(?=.{1,255}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9](?:\/[!-~]*)?$/,
  'a host name (a custom domain), or a host name and a path such as "gateway.example/*" (a route)',
);

export const perMinute = v.pipe(
  v.number(),
  v.integer('a whole number from 1 to 10,000,000'),
  v.minValue(1, 'a whole number from 1 to 10,000,000'),
  v.maxValue(10_000_000, 'a whole number from 1 to 10,000,000'),
  v.description('requests per minute'),
);
