/**
 * Asks the reference which characters are in a class, in texts of thousands instead of one by one.
 */
import { type Arena, openArena } from './arena.ts';

const CHARACTERS_PER_QUESTION = 8_000;
/** Its memory grows with each question and each text. */
const ARENA_LOAD_MAX = 300;
const CHARACTERS_PER_LOAD = 2_000;

let arena: Arena | undefined;
let load = 0;

async function fresh(text: string): Promise<Arena> {
  load += 1 + text.length / CHARACTERS_PER_LOAD;
  if (arena && load <= ARENA_LOAD_MAX) return arena;
  closeCharacters();
  load = 0;
  arena = await openArena();
  return arena;
}

export function closeCharacters(): void {
  arena?.close();
  arena = undefined;
}

/** Returns the result of the reference's `matches`. */
export async function referenceMatches(pattern: string, text: string): Promise<boolean> {
  const { reference } = await fresh(text);
  const builder = new reference.AuthorizerBuilder();
  builder.addCodeWithParameters('allow if {text}.matches({pattern})', { text, pattern }, {});
  try {
    builder
      .buildUnauthenticated()
      .authorizeWithLimits({ max_facts: 1_000, max_iterations: 100, max_time_micro: 1_000_000 });
    return true;
  } catch (thrown) {
    // The reference throws plain objects, its variants. An `Error` is a trap and not an answer.
    if (thrown instanceof Error) throw thrown;
    return false;
  }
}

/**
 * Returns the characters that the reference does not have in the class; `item` is the inside of
 * brackets.
 */
export async function notInReference(
  item: string,
  codes: readonly number[],
  flags = '',
): Promise<readonly number[]> {
  const outside: number[] = [];
  const ask = async (part: readonly number[]): Promise<void> => {
    if (part.length === 0) return;
    const text = textOf(part);
    if (await referenceMatches(`${flags}^[${item}]+$`, text)) return;
    if (await referenceMatches(`${flags}^[^${item}]+$`, text)) {
      outside.push(...part);
      return;
    }
    const half = part.length >> 1;
    await ask(part.slice(0, half));
    await ask(part.slice(half));
  };
  for (let at = 0; at < codes.length; at += CHARACTERS_PER_QUESTION) {
    await ask(codes.slice(at, at + CHARACTERS_PER_QUESTION));
  }
  return outside;
}

const CODES_PER_CALL = 4_096; // Arguments of one call.

export function textOf(codes: readonly number[]): string {
  let text = '';
  for (let at = 0; at < codes.length; at += CODES_PER_CALL) {
    text += String.fromCodePoint(...codes.slice(at, at + CODES_PER_CALL));
  }
  return text;
}
