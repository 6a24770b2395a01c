/** The words of names, and what authors of MCP servers usually mean by them. */

/** Returns the words of a name in lower case, of `readTextFile` as of `read_text_file`. */
export const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/(?<=[a-z0-9])(?=[A-Z])/g, ' ')
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase());

const list = (words: string): ReadonlySet<string> => new Set(words.trim().split(/\s+/));

/** Verbs of tools, by what they do. A name is judged by the first verb that is in a list. */
export const VERBS = {
  delete: list('delete remove drop destroy purge erase wipe truncate unlink uninstall revoke'),
  execute: list('exec execute run eval evaluate shell invoke command script'),
  final: list(`
    send post publish pay transfer mail email reply forward submit merge deploy release charge
    refund buy order book invite share tweet notify approve sign
  `),
  write: list(`
    create write update edit set add insert append put patch move rename copy save upload replace
    modify change make close open assign label comment enable disable archive import schedule
  `),
  read: list(`
    get list read search find fetch query describe show count lookup view download browse check
    inspect summarize explain resolve validate compare diff tree stat status info ping export
  `),
} as const;

/** Arguments that name what a call touches. */
const PLACES = list(`
  path file filepath filename folder dir directory document doc page sheet table collection
  database bucket repo repository project space channel calendar mailbox board notebook key source
  src destination dest
`);

/** Arguments that decide where something goes, or how much. */
const SINKS = list(`
  to cc bcc recipient email mail address phone url uri href link webhook endpoint host hostname
  domain server path file filepath destination dest target account iban amount price total sum
  quantity channel user username assignee owner organization branch repo repository bucket folder
  directory callback redirect
`);

const URLS = list('url uri href link webhook endpoint callback');

/** Plurals are the names of lists: `paths`, `recipients`. */
const singular = (word: string): string => word.replace(/(?<=[^s])s$/, '');

const last = (name: string): string => singular(wordsOf(name).at(-1) ?? '');
const whole = (name: string): string => singular(wordsOf(name).join(''));

export const isPlaceName = (name: string): boolean =>
  PLACES.has(last(name)) || PLACES.has(whole(name));

export const isSinkName = (name: string): boolean =>
  SINKS.has(last(name)) || SINKS.has(whole(name)) || SINKS.has(singular(wordsOf(name)[0] ?? ''));

export const isUrlName = (name: string): boolean => URLS.has(last(name));
