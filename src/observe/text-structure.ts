import type { Constraint } from '../capability/index.ts';

/** What several texts have in common, as a constraint. */
export interface TextStructure {
  readonly constraint: Constraint;
  readonly why: string;
}

const AFFIX_CHARACTERS_MIN = 3;

/**
 * Returns what all texts have in common that tells one destination from another: the domain of
 * addresses, or scheme and host of URLs. Never a common form: the account of an attacker has the
 * form of every other account.
 */
export function commonDestination(texts: readonly string[]): TextStructure | undefined {
  const domains = new Set(
    texts.map((text) => /^[\w.+-]+(@[a-z0-9-]+(?:\.[a-z0-9-]+)+)$/i.exec(text)?.[1]),
  );
  const [domain] = domains;
  if (domains.size === 1 && domain !== undefined) {
    const matches = `[A-Za-z0-9._+-]+${escapePattern(domain)}`;
    return { constraint: { matches }, why: 'all of them are addresses of one domain' };
  }
  const urls = texts.map((text) => (URL.canParse(text) ? new URL(text) : undefined));
  const [first] = urls;
  const isOneHost =
    first !== undefined &&
    /^https?:$/.test(first.protocol) &&
    urls.every((url) => url?.origin === first.origin && !url.username && !url.password);
  if (!isOneHost || first.port !== '') return undefined;
  const schemes = [first.protocol === 'https:' ? 'https' : 'http'] as const;
  return {
    constraint: { url: { schemes: [...schemes], host: first.hostname } },
    why: 'all of them are URLs of one host',
  };
}

/**
 * Returns what all texts have in common: one form as a whole, such as that of a date; otherwise how
 * they begin or end.
 */
export function commonStructure(texts: readonly string[]): TextStructure | undefined {
  const forms = texts.map(formOf);
  const [form = []] = forms;
  const isOneForm =
    form.length > 0 &&
    forms.every(
      (one) => one.length === form.length && one.every(({ kind }, at) => kind === form[at]?.kind),
    );
  if (isOneForm && form.some(({ kind }) => !CLASSES.has(kind))) {
    const matches = form
      .map(({ kind }, at) => {
        const lengths = forms.map((one) => one[at]?.length ?? 0);
        const [min, max] = [Math.min(...lengths), Math.max(...lengths)];
        if (!CLASSES.has(kind)) return escapePattern(kind);
        return min === max ? `${kind}{${min}}` : `${kind}{${min},${max}}`;
      })
      .join('');
    if (matches.length <= 200) {
      return { constraint: { matches }, why: 'all of them have one form' };
    }
  }
  const prefix = common(texts);
  if (isAffix(prefix)) return { constraint: { prefix }, why: 'all of them begin alike' };
  const suffix = reversed(common(texts.map(reversed)));
  return isAffix(suffix) ? { constraint: { suffix }, why: 'all of them end alike' } : undefined;
}

interface Run {
  /** A character class, or one literal character. */
  readonly kind: string;
  readonly length: number;
}

const CLASSES: ReadonlySet<string> = new Set(['[0-9]', '[a-z]', '[A-Z]', '[A-Za-z]']);

/** Returns the runs of a text. Letters of both cases in one word are one run. */
function formOf(text: string): readonly Run[] {
  const words = text.match(/[0-9]+|[A-Za-z]+|[^0-9A-Za-z]/g) ?? [];
  return words.map((word) => {
    const { length } = word;
    if (/^[0-9]/.test(word)) return { kind: '[0-9]', length };
    if (/^[a-z]+$/.test(word)) return { kind: '[a-z]', length };
    if (/^[A-Z]+$/.test(word)) return { kind: '[A-Z]', length };
    return /^[A-Za-z]/.test(word) ? { kind: '[A-Za-z]', length } : { kind: word, length };
  });
}

const escapePattern = (text: string): string => text.replace(/[^A-Za-z0-9@_ ]/g, '\\$&');

function common(texts: readonly string[]): string {
  const [first = ''] = texts;
  let length = first.length;
  for (const text of texts) {
    while (!text.startsWith(first.slice(0, length))) length -= 1;
  }
  return first.slice(0, length);
}

const reversed = (text: string): string => [...text].reverse().join('');

/** For paths and URLs there are other kinds. */
const isAffix = (text: string): boolean =>
  text.length >= AFFIX_CHARACTERS_MIN && !/[\\/]/.test(text) && /[A-Za-z0-9]/.test(text);
