// What is different outside of this machine: where an agent's tokens and the catalogue come from.
import { readFile } from 'node:fs/promises';
import { parseCatalogue } from 'hewn/catalogue';

/** Asks the identity provider of `hewn dev`. Elsewhere, ask the provider that hewn.toml names. */
export async function tokenOf(names) {
  const { HEWN_TOKEN_ENDPOINT = '' } = process.env;
  const response = await fetch(HEWN_TOKEN_ENDPOINT, {
    method: 'POST',
    body: new URLSearchParams(names),
  });
  const { access_token: token, error_description: why } = await response.json();
  if (!token) throw new Error(why);
  return token;
}

/** Reads the catalogue, by which an agent narrows its token to a call. */
export async function readCatalogue() {
  const file = new URL('catalogue/tools.toml', import.meta.url);
  const parsed = parseCatalogue(await readFile(file, 'utf8'));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}
