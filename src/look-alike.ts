// cspell:disable
/** Letters of other scripts that look like Latin ones, in their folded form. */
const LOOKS_LIKE = new Map<string, string>([
  ...pairs('авсдеікмнорѕтхуј', 'abcdeikmhopstxyj'),
  ...pairs('αβεηικνορτυχ', 'abehikvoptux'),
  ...pairs('ıłø01|', 'ilooll'),
]);
// cspell:enable

function pairs(letters: string, like: string): readonly (readonly [string, string])[] {
  const latin = [...like];
  return [...letters].map((letter, index) => [letter, latin[index] ?? letter] as const);
}

/**
 * Returns the form in which two names are equal that a person or a model may take for each other:
 * without case, accents, separators and invisible characters, and with letters that look alike.
 */
export function lookOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[\p{M}\p{C}\p{Z}\p{P}\p{Sk}]/gu, '');
  return [...plain]
    .map((letter) => LOOKS_LIKE.get(letter) ?? letter)
    .join('')
    .replaceAll('i', 'l');
}
