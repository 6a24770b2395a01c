import type { SourceFile } from './source.ts';

/** One expression that this project does not use in prose, and what to write instead. */
export interface Idiom {
  /** A space stands for any white space, so an expression is found across lines of a comment. */
  readonly banned: string;
  readonly instead: string;
  /** A sentence that this entry finds. */
  readonly sample: string;
}

const PERSON_VERBS = 'asks|can|cannot|has|holds|is|polls|reads|sends|steals|stops|wants|writes';
/** Where a clause begins: "who" has no noun there that it could belong to. */
const CLAUSE_START = '(?:^|[.:;(]|[*/] )|\\b(?:by|from|keeps|of|only|than|to|with)';

/**
 * The expressions that came back most often while this project was written. Each is archaic or
 * legalistic, or leaves out the noun, so a reader needs the sentence twice.
 */
export const IDIOMS: readonly Idiom[] = [
  { banned: 'nobody', instead: '"no one", or the actor: "no caller"', sample: 'It names nobody.' },
  { banned: 'somebody', instead: '"someone", or the actor', sample: 'Of somebody else.' },
  {
    banned: 'whoever',
    instead: '"anyone who", or the actor',
    sample: 'Whoever holds it may call.',
  },
  { banned: 'for ever', instead: '"permanently"', sample: 'Revoked is for ever.' },
  { banned: 'anew', instead: '"again", or "a new …"', sample: 'It is read anew.' },
  {
    banned: '(?<!\\bthere )(?:is|are|was|were) none',
    instead: '"is not a …", "there is no …"',
    sample: 'A claim without a key is none.',
  },
  { banned: 'none but', instead: '"only"', sample: 'It takes none but Ed25519.' },
  {
    banned: 'of which (?:no|none|nothing)',
    instead: '"unknown …", or a sentence with a subject',
    sample: 'A shard of which nothing is known.',
  },
  { banned: 'as good as no', instead: '"treated as missing"', sample: 'As good as no head.' },
  {
    banned: '(?:is|are|was|were) (?:said|told)',
    instead: 'the actor, and "reports", "states" or "tells"',
    sample: 'The agent is told its id.',
  },
  { banned: 'said so', instead: '"stated", "reported it"', sample: 'The log has said so.' },
  {
    banned: '(?:says?|tells?) of',
    instead: '"describes", "reports"',
    sample: 'What a drill says of a verifier.',
  },
  {
    banned: '(?:is|are) meant(?! (?:for|to)\\b)',
    instead: '"is intentional", "is intended"',
    sample: 'A proof that is sent is meant.',
  },
  { banned: 'have none of', instead: '"reject"', sample: 'It will have none of it.' },
  {
    banned: 'what is not [a-z]+ (?:[a-z]+ )?(?:is|comes|goes|has|stays|was)',
    instead: 'the noun: "an unknown member", "anything else"',
    sample: 'What is not known is refused.',
  },
  {
    banned: `(?<=(?:${CLAUSE_START}) ?)who (?:${PERSON_VERBS})(?![^.]*\\?)`,
    instead: 'a noun before "who": "a caller who", "the holder"',
    sample: 'Who polls is not refused.',
  },
  {
    banned: 'he or she|his|hers?|himself|herself',
    instead: '"they", "their"',
    sample: 'A thief brings his own key.',
  },
  { banned: 'for want of', instead: '"because there is no"', sample: 'For want of a grant.' },
  { banned: '(?:but|save) for', instead: '"except"', sample: 'All of it but for the key.' },
  { banned: 'to be had|is had', instead: '"is available"', sample: 'No secret is to be had.' },
  { banned: 'in the place of', instead: '"instead of"', sample: 'A seal in the place of a key.' },
  { banned: 'has to be believed', instead: '"is trusted"', sample: 'Its word has to be believed.' },
  { banned: 'nor (?:are|does|is)', instead: 'two sentences', sample: 'Nor is it signed.' },
  { banned: 'a good many|ever so', instead: 'the number', sample: 'It asks a good many times.' },
  {
    banned: '(?:is|are|was|were) asked for',
    instead: '"is requested"',
    sample: 'A grant is asked for.',
  },
  {
    banned: 'without a word|takes? the word',
    instead: '"silently"; "trusts"',
    sample: 'It is dropped without a word.',
  },
  {
    banned: 'by and by|hereby|therein|thereof|wherein|lest|whence|hitherto|thereupon|whereupon',
    instead: 'plain words',
    sample: 'The digest thereof.',
  },
  { banned: 'all the same', instead: '"still", "anyway"', sample: 'It is denied all the same.' },
  { banned: '(?:goes|went|gone) on', instead: '"continues"', sample: 'The run goes on.' },
];

/** Line breaks with the comment's own signs after them, as blanks: the length stays the same. */
const asOneLine = (text: string): string =>
  text.replace(/\n[ \t]*(?:\/\/|\*(?!\/)|#|\|)?/g, (start) => ' '.repeat(start.length));

const patternOf = ({ banned }: Idiom): RegExp =>
  new RegExp(`\\b(?:${banned.replaceAll(/(?<!\[)\s(?!\?)/g, '\\s+')})\\b`, 'gi');

const PATTERNS = IDIOMS.map((idiom) => ({ ...idiom, pattern: patternOf(idiom) }));

/** Where a file uses a banned expression, as `path:line: "found": write instead`. */
export const bannedIdioms = (files: readonly SourceFile[]): readonly string[] =>
  files.flatMap(({ path, text }) => {
    const line = asOneLine(text);
    return PATTERNS.flatMap(({ pattern, instead }) =>
      [...line.matchAll(pattern)].map(({ 0: found, index }) => {
        const number = text.slice(0, index).split('\n').length;
        return `${path}:${number}: "${found.replaceAll(/\s+/g, ' ')}": write ${instead}`;
      }),
    );
  });
