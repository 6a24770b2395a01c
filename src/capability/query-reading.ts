/**
 * Returns the query of a URL if every reader finds the same parameters in it: each as
 * `&name=value`, as they are written; empty for no query. Undefined if a parameter is repeated, in
 * any case of its letters, if its name is encoded, or if there is a semicolon, which separates
 * parameters for some.
 */
export function readQuery(url: string): string | undefined {
  const [, raw = ''] = /^[^?#]*(?:\?([^#]*))?/.exec(url) ?? [];
  if (raw === '') return '';
  const names = new Set<string>();
  let query = '';
  for (const pair of raw.split('&')) {
    const [, name, value = ''] = PAIR.exec(pair) ?? [];
    if (name === undefined || names.has(name.toLowerCase())) return undefined;
    names.add(name.toLowerCase());
    query += `&${name}=${value}`;
  }
  return query;
}

const PAIR = /^([A-Za-z0-9_.~-]+)(?:=([^;]*))?$/;
