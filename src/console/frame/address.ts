/** What an address of the console names: a page, what of it, and how it is filtered. */
export interface Address {
  readonly page: string;
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
}

const FIRST_PAGE = 'now';

/**
 * Reads the part of an address after `#`. Addresses stand there because then they work on any
 * host, and what a person looked for reaches no log of requests.
 */
export function readAddress(hash: string): Address {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const [page, ...rest] = path.split('/').map(decode);
  return { page: page || FIRST_PAGE, rest, query: new URLSearchParams(query) };
}

/** A `%` that begins no escape is a part of a cut-off or mistyped address. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Returns the address of a page. Values that are empty or absent are left out of the query. */
export function addressOf(
  page: string,
  rest: readonly string[] = [],
  query: Readonly<Record<string, string | undefined>> = {},
): string {
  const path = [page, ...rest].map(encodeURIComponent).join('/');
  const given = Object.entries(query).filter((entry): entry is [string, string] => !!entry[1]);
  const text = new URLSearchParams(given).toString();
  return text === '' ? `#/${path}` : `#/${path}?${text}`;
}

/** Returns the address of the same view with other filters: an empty value removes one. */
export function filteredBy(
  { page, rest, query }: Address,
  changes: Readonly<Record<string, string | undefined>>,
): string {
  return addressOf(page, rest, Object.assign(Object.fromEntries(query), changes));
}
